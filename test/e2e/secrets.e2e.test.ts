import { readFile } from 'node:fs/promises';

import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { expect, it } from 'vitest';

import { exportAudit } from '../../catalog/export-audit.ts';
import { migrationWorkflowId } from '../../workflows/messages.ts';
import { catalogText, leaksIn, type Planted, watchCommandLines } from '../support/bed-leaks.ts';
import type { BedMigration } from '../support/bed-migration.ts';
import { type MigrationBed, migrationBed } from '../support/migration-bed.ts';
import { uniqueName } from '../support/unique-name.ts';

async function auditText({ catalog }: MigrationBed): Promise<string> {
  let text = '';
  await exportAudit(catalog, async (lines) => {
    for await (const line of lines) text += line;
  });
  return text;
}

async function historyText({ client }: MigrationBed, { name }: BedMigration): Promise<string> {
  return historyToJSON(await client.workflow.getHandle(migrationWorkflowId(name)).fetchHistory());
}

it('looks through what is written in base64, too', () => {
  const planted = { password: 'sesame-0123456789' };
  expect(leaksIn('here', JSON.stringify({ data: Buffer.from('{"a":"sesame-0123456789"}').toString('base64') }), planted)).toEqual(['here holds the password']);
  expect(leaksIn('here', 'nothing', planted)).toEqual([]);
});

it('no secret is in a history, a log, a command line, the catalog, the audit or an error', async () => {
  const wrong = uniqueName('wrong-password');
  await using bed = await migrationBed({ env: { WRONG_PASSWORD: wrong } });
  const secretOf = (server: { password?: { reveal(): string } | undefined }): string => server.password?.reveal() ?? '';
  const planted: Planted = {
    'password of the source': secretOf(bed.source.server),
    'password of the target': secretOf(bed.target.server),
    'password of the catalog': secretOf(bed.catalogPlace.server),
    'password of the application': bed.applicationPassword.reveal(),
    'wrong password': wrong,
  };
  expect(Object.values(planted).every((secret) => secret.length > 12)).toBe(true);
  const commandLines = watchCommandLines(planted);
  await using worker = await bed.startWorker();

  await using good = await bed.migration();
  await good.startApplication();
  await good.start();
  await good.inState('completed');

  await using refused = await bed.migration();
  const restore = await bed.changeServer('target', { password: 'env:WRONG_PASSWORD' });
  await refused.start();
  await refused.inState('failed');
  const error: unknown = await refused.result().catch((failure: unknown) => failure);
  await restore();

  const places = {
    'history of the migration': await historyText(bed, good),
    'history of the failed migration': await historyText(bed, refused),
    'log of the worker': await worker.log(),
    'log of the source': await readFile(bed.source.cluster.logFile, 'utf8'),
    'log of the target': await readFile(bed.target.cluster.logFile, 'utf8'),
    catalog: await catalogText(bed.catalog),
    'audit export': await auditText(bed),
    'error of the failed migration': `${String(error)} ${JSON.stringify(error)}`,
  };
  for (const [place, text] of Object.entries(places)) expect(text.length, place).toBeGreaterThan(10);
  expect([...Object.entries(places).flatMap(([place, text]) => leaksIn(place, text, planted)), ...commandLines()]).toEqual([]);
});
