import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { recordProof } from '../../../catalog/backup-proofs.ts';
import { changeBackup, recordBackup } from '../../../catalog/backups.ts';
import { endRun, recordRun } from '../../../catalog/runs.ts';
import { freshCatalog, type FreshCatalog } from '../../catalog/fresh-catalog.ts';
import { inventoryFile, testFolder } from '../../config/inventory-file.ts';
import { callCommand } from '../call-command.ts';

const INVENTORY = `
version: 1
servers: { shop: { host: nowhere, user: nobody } }
stores: { default: { kind: directory, path: /nowhere } }
backups:
  nightly: { server: shop, databases: [shop], retention: { keepLast: 2, minimumProven: 1 }, objectives: { rpo: 26h, rto: 1m } }
  idle: { server: shop, databases: [shop] }
`;

/** A backup of so many days ago, as a run leaves it. */
async function plant({ catalog }: FreshCatalog, daysAgo: number, state: 'proven' | 'rejected' | 'failed'): Promise<string> {
  const backupId = `b${daysAgo}`;
  await recordBackup(catalog, { backupId, runId: `r${daysAgo}`, policy: 'nightly', server: 'shop', systemId: '7311', database: 'shop', store: 'default', prefix: `7311/shop/${backupId}/`, wrappedKey: null, keyId: null });
  const at = new Date(Date.now() - daysAgo * 86_400_000 - 3_600_000).toISOString();
  if (state === 'failed') await changeBackup(catalog, backupId, { state, error: { code: 'dump_failed', message: 'the dump failed' } });
  else await changeBackup(catalog, backupId, { state: 'stored', snapshotAt: at, storedBytes: 1000, rawBytes: 4000, dumpSeconds: 5 });
  if (state !== 'failed') await changeBackup(catalog, backupId, { state, restoreSeconds: 7 });
  await catalog.sessions.use((session) => session.execute('UPDATE pgconvoy.backup SET created_at = $2 WHERE backup_id = $1', [backupId, at]));
  return backupId;
}

async function stage(): Promise<FreshCatalog & { run: (...words: string[]) => ReturnType<typeof callCommand> }> {
  const fresh = await freshCatalog();
  const { server, name } = fresh.database;
  const env = { PGCONVOY_INVENTORY: inventoryFile(INVENTORY), PGCONVOY_CATALOG: `postgres://${server.user}:${encodeURIComponent(server.password?.reveal() ?? '')}@${server.host}:${server.port}/${name}` };
  return { ...fresh, run: async (...words) => await callCommand(['backup', ...words], env) };
}

it('reports on every policy out of the catalog alone, with the reason of a rejection', async () => {
  await using fresh = await stage();
  await plant(fresh, 0, 'proven');
  await plant(fresh, 1, 'rejected');
  await recordProof(fresh.catalog, { backupId: 'b1', runId: 'p1', verdict: 'rejected', evidence: { reasons: ['table shop.films has 3 rows, not 4'] }, seconds: {}, signature: null });
  const { stdout } = await fresh.run('report');
  expect(stdout).toMatch(/^nightly +good +\S+ \S+ UTC +60 min +✓ 26 h +7\.0 s +✓ 1 min +2 +2\.0 kB$/m);
  expect(stdout).toMatch(/^idle +empty +none/m);
  expect(stdout).toContain('shop was rejected: table shop.films has 3 rows, not 4 (b1)');

  const file = join(testFolder(), 'report.html');
  expect(await fresh.run('report', 'nightly', '--days', '7', '--html', file)).toMatchObject({ code: 0 });
  expect(readFileSync(file, 'utf8')).toContain('table shop.films has 3 rows, not 4');
  const { policies } = JSON.parse((await fresh.run('report', 'nightly', '--json')).stdout) as { policies: { policy: string; nights: unknown[] }[] };
  expect(policies).toMatchObject([{ policy: 'nightly', state: 'good', newestProven: { backupId: 'b0' }, rpo: { met: true } }]);
  expect(policies[0]?.nights).toHaveLength(90);
  expect(await fresh.run('report', 'nightli')).toMatchObject({ code: 3, stderr: expect.stringContaining('Did you mean nightly?') });
});

it('says of every backup which rule keeps it, and removes nothing', async () => {
  await using fresh = await stage();
  for (const day of [0, 1, 2, 3]) await plant(fresh, day, 'proven');
  const verdictsOf = async (): Promise<[string, string, string][]> => {
    const { verdicts } = JSON.parse((await fresh.run('expire', 'nightly', '--dry-run', '--json')).stdout) as { verdicts: { backupId: string; verdict: string; rule: string }[] };
    return verdicts.map(({ backupId, verdict, rule }) => [backupId, verdict, rule]);
  };
  expect(await verdictsOf()).toEqual([['b0', 'keep', 'keep-last'], ['b1', 'keep', 'keep-last'], ['b2', 'expire', 'outside-every-rule'], ['b3', 'expire', 'outside-every-rule']]);
  expect((await fresh.run('expire', 'nightly', '--dry-run')).stdout).toContain('2 stay, 2 would go. Nothing was removed.');

  // A run that failed before it had begun a backup.
  await recordRun(fresh.catalog, { runId: 'r9', kind: 'backup', subject: 'nightly', workflowId: 'backup/nightly', actor: 'ada' });
  expect((await verdictsOf()).filter(([, verdict]) => verdict === 'expire')).toHaveLength(2);
  await endRun(fresh.catalog, 'r9', { state: 'failed', error: { code: 'server_unreachable', message: 'x' } });
  expect(await verdictsOf()).toEqual([['b0', 'keep', 'keep-last'], ['b1', 'keep', 'keep-last'], ['b2', 'keep', 'newest-failed'], ['b3', 'keep', 'newest-failed']]);
});
