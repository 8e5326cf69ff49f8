import { expect, it } from 'vitest';

import { backupLock, dropLocks, listLocks, type LockMode, policyLock, takeLock } from '../../catalog/backup-locks.ts';
import { freshCatalog } from './fresh-catalog.ts';

const lock = (runId: string, mode: LockMode, object = backupLock('b1')) => ({ object, mode, runId, workflowId: `workflow/${runId}`, purpose: 'a test' });

it('B34 lets those together who only read, and nobody beside one who wants it alone', async () => {
  await using fresh = await freshCatalog();
  const { catalog } = fresh;
  expect(await takeLock(catalog, lock('r1', 'together'))).toBeUndefined();
  expect(await takeLock(catalog, lock('r2', 'together'))).toBeUndefined();
  expect(await takeLock(catalog, lock('r3', 'alone'))).toMatchObject({ runId: 'r1', workflowId: 'workflow/r1', purpose: 'a test', mode: 'together' });
  await dropLocks(catalog, 'r1');
  await dropLocks(catalog, 'r2');
  expect(await takeLock(catalog, lock('r3', 'alone'))).toBeUndefined();
  expect(await takeLock(catalog, lock('r3', 'alone'))).toBeUndefined();
  expect(await takeLock(catalog, lock('r4', 'together'))).toMatchObject({ runId: 'r3', mode: 'alone' });
  expect(await takeLock(catalog, lock('r4', 'alone', policyLock('b1')))).toBeUndefined();
  expect((await listLocks(catalog)).map(({ object, runId }) => `${runId}: ${object}`)).toEqual(['r3: backup b1', 'r4: policy b1']);
});

it('B34 of many that come at once one gets it', async () => {
  await using fresh = await freshCatalog();
  const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => takeLock(fresh.catalog, lock(`r${index}`, 'alone', policyLock('nightly')))));
  expect(answers.filter((holder) => holder === undefined)).toHaveLength(1);
  expect(await listLocks(fresh.catalog)).toHaveLength(1);
});
