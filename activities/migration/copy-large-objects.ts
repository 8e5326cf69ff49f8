import { cancellationSignal } from '@temporalio/activity';

import { readSnapshotName } from '../../catalog/copy-plan.ts';
import { copyLargeObjects as copy, dropNewLargeObjects } from '../../postgres/large-objects.ts';
import { beginOnSnapshot } from '../../postgres/replication/snapshot.ts';
import { type Dependencies, openRun } from '../dependencies.ts';
import { beating } from '../step.ts';

/** Copies the large objects of an offline migration under the snapshot of its tables; again, it begins anew. */
export const copyLargeObjects =
  (deps: Dependencies) =>
  async ({ runId, generation }: { runId: string; generation: number }): Promise<{ objects: number; bytes: number }> => {
    const run = await openRun(deps, runId);
    await using source = await run.openSource('large_objects');
    await using target = await run.openTarget('large_objects', { synchronous_commit: 'off' });
    const cut = (): void => target.destroy();
    cancellationSignal().addEventListener('abort', cut, { once: true });
    const done = { doing: 'copying large objects', objects: 0, bytes: 0 };
    return await beating(() => done, async () => {
      await beginOnSnapshot(source, await readSnapshotName(deps.catalog, runId, generation));
      await dropNewLargeObjects(target, runId);
      return await copy(source, target, run.plan, (objects, bytes) => Object.assign(done, { objects, bytes }));
    }).finally(() => cancellationSignal().removeEventListener('abort', cut));
  };
