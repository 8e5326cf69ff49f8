import { join } from 'node:path';
import { writeFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { PreflightReport } from '../../domain/preflight/report.ts';
import { testFolder } from '../config/inventory-file.ts';
import { freshDatabase, testServer, type FreshDatabase } from '../support/postgres.ts';
import { runCommand } from './run-command.ts';

describe('pgconvoy check and grants', () => {
  let source: FreshDatabase;
  let target: FreshDatabase;
  let env: Record<string, string>;

  beforeAll(async () => {
    source = await freshDatabase(await testServer(11));
    target = await freshDatabase(await testServer(18));
    const file = join(testFolder(), 'pgconvoy.yaml');
    const server = ({ server: { host, port, user } }: FreshDatabase, password: string) => ({ host, port, user, password, tls: { mode: 'disable' } });
    // JSON is YAML.
    writeFileSync(
      file,
      JSON.stringify({
        version: 1,
        servers: { old: server(source, 'env:OLD_PASSWORD'), new: server(target, 'env:NEW_PASSWORD') },
        migrations: { shop: { source: 'old', target: 'new', database: source.name, targetDatabase: target.name } },
      }),
    );
    env = { PGCONVOY_INVENTORY: file, OLD_PASSWORD: source.server.password!.reveal(), NEW_PASSWORD: target.server.password!.reveal() };
  });
  afterAll(async () => {
    await source.drop();
    await target.drop();
  });

  it('ends 0 when nothing blocks, with every rule in the table', async () => {
    const { code, stdout } = await runCommand(['check', 'shop'], { env });
    expect(stdout).toMatch(/^source server\n {2}✓ source-reachable +PostgreSQL 11\.\d+ answered over plain text\.\n/);
    expect(stdout).toContain('Nothing blocks the migration.');
    expect(code).toBe(0);
  });

  it('F1 ends 4 at a table without identity, in text and in JSON', async () => {
    await using session = await source.session();
    await session.execute('CREATE TABLE public.log (line text)');
    const text = await runCommand(['check', 'shop', '--problems'], { env });
    const json = await runCommand(['check', 'shop', '--json'], { env });
    await session.execute('DROP TABLE public.log');
    expect(text).toMatchObject({ code: 4, stdout: expect.stringMatching(/✗ table-identity +1 table has no primary key: public\.log\.\n +→ Add a primary key/) });
    expect(json.code).toBe(4);
    const report = JSON.parse(json.stdout) as PreflightReport;
    expect(report).toMatchObject({ blocking: 1, canProceed: false });
    expect(report.rules.find(({ id }) => id === 'table-identity')).toMatchObject({ state: 'problem', severity: 'blocking', answers: ['F1'] });
  });

  it('prints the least role for the part that a server plays', async () => {
    const { code, stdout } = await runCommand(['grants', 'old', '--migration', 'shop', '--role', 'mover'], { env });
    expect(code).toBe(0);
    expect(stdout).toContain('ALTER ROLE "mover" REPLICATION;');
    expect(stdout).not.toContain('CREATEROLE');
    expect(stdout).toContain('-- not granted: pg_read_all_data came with 14');
  });

  it('prints grants for a server that cannot be asked, and says so', async () => {
    const { code, stdout } = await runCommand(['grants', 'new', '--database', 'shop', '--major', '16'], { env: { ...env, NEW_PASSWORD: 'wrong' } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/-- The server could not be asked .* written for PostgreSQL 16/);
  });

  it('refuses grants without a database, and a server that has no part', async () => {
    expect(await runCommand(['grants', 'old'], { env })).toMatchObject({ code: 2, stderr: expect.stringContaining('Add --migration <name> or --database <name>.') });
    expect(await runCommand(['check', 'shopp'], { env })).toMatchObject({ code: 3, stderr: expect.stringContaining('Did you mean shop?') });
  });
});
