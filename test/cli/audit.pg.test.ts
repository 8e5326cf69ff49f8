import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { appendAudit } from '../../catalog/audit.ts';
import { freshCatalog } from '../catalog/fresh-catalog.ts';
import { testFolder } from '../config/inventory-file.ts';
import { runCommand } from './run-command.ts';

it('reads, proves and exports the audit', async () => {
  await using fresh = await freshCatalog();
  const { server, name } = fresh.database;
  const PGCONVOY_CATALOG = `postgres://${server.user}:${encodeURIComponent(server.password?.reveal() ?? '')}@${server.host}:${server.port}/${name}`;
  const run = (...words: string[]) => runCommand(['audit', ...words], { env: { PGCONVOY_CATALOG } });
  const event = { actor: 'ada', action: 'run.start', object: 'migration shop', runId: 'r1', result: 'done' } as const;
  const first = await appendAudit(fresh.catalog, event);
  const last = await appendAudit(fresh.catalog, { ...event, action: 'cutover.approve' });

  const log = await run('log', '--limit', '1');
  expect(log.stdout).toMatch(/^seq {2}at +actor {2}action +object +result {2}run\n2 +\d{4}-\S+Z +ada +cutover\.approve +migration shop +done +r1\n$/);
  expect(JSON.parse((await run('log', '--run', 'r1', '--json')).stdout)).toEqual({ events: [first, last] });
  expect((await run('verify')).stdout).toBe(`The chain holds: 2 events. Its head is 2:${last.hash}\n`);

  const file = join(testFolder(), 'audit.jsonl');
  expect((await run('export', '--output', file)).code).toBe(0);
  const exported = readFileSync(file, 'utf8');
  expect(exported.trimEnd().split('\n').map((line): unknown => JSON.parse(line))).toEqual([first, last]);
  expect((await run('export')).stdout).toBe(exported);

  await using session = await fresh.database.session();
  await session.execute(`ALTER TABLE pgconvoy.audit DISABLE TRIGGER ALL; UPDATE pgconvoy.audit SET actor = 'eve' WHERE seq = 2`);
  expect(await run('verify')).toEqual({
    code: 8,
    stdout: '',
    stderr: 'ERROR:  audit event 2 was edited\nDETAIL:  The content of row 2 does not give the hash it carries.\n',
  });
});
