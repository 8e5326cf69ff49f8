import { makeReadOnly, terminateForeign } from '../../postgres/cutover/fence.ts';
import { type Dependencies, openRun } from '../dependencies.ts';

/**
 * Stops writing to the source of an offline migration: new sessions are read-only, and those there were are ended. Reading goes
 * on until the window at the end.
 */
export const stopWriting =
  (deps: Dependencies) =>
  async ({ runId }: { runId: string }): Promise<void> => {
    const { plan, openSourceServer } = await openRun(deps, runId);
    await using control = await openSourceServer('offline');
    await makeReadOnly(control, plan.database);
    // A session that connects from now on has the new setting, so ending those there are is enough.
    await terminateForeign(control, plan.database, [control.pid]);
  };
