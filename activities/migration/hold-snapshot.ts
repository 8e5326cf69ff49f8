import { activityInfo, cancellationSignal, getClient, heartbeat } from '@temporalio/activity';

import { readTables, recordSnapshot } from '../../catalog/copy-plan.ts';
import { OperationError } from '../../domain/errors.ts';
import { quoteName } from '../../postgres/quoting.ts';
import { dropPublication, ensureFullIdentity, ensurePublication, unpublishTables } from '../../postgres/replication/publication.ts';
import { dropSlot } from '../../postgres/replication/slot.ts';
import { createSlotWithSnapshot, exportSnapshot, type HeldSnapshot, readSlotBlockers } from '../../postgres/replication/snapshot.ts';
import { ensureHeartbeatTable, ensureSourceSchema, generationName, heartbeatTable, insertOnlyName } from '../../postgres/run-schema.ts';
import { type Dependencies, openRun, type RunContext } from '../dependencies.ts';
import { beating, poll } from '../step.ts';

/** The longest wait for transactions that are older than the slot, before the step is tried again. */
const SLOT_WAIT_MS = 10 * 60_000;

export interface GenerationInput {
  readonly runId: string;
  readonly generation: number;
}

/**
 * Publishes the tables of a generation, before its slot begins: a publication has to exist at the position from which it is
 * decoded. Tables that moved to it leave the publication they were in.
 */
export const publishTables =
  (deps: Dependencies) =>
  async ({ runId, generation }: GenerationInput): Promise<void> => {
    const run = await openRun(deps, runId);
    await using source = await run.openSource('publish');
    await using target = await run.openTarget('publish');
    await ensureSourceSchema(source, runId);
    await ensureHeartbeatTable(source, runId, generation);
    await ensureHeartbeatTable(target, runId, generation);
    const tables = (await readTables(deps.catalog, runId, generation)).map(({ facts }) => facts);
    for (const table of tables.filter(({ publish }) => publish === 'full')) await ensureFullIdentity(source, runId, table);
    const followed = tables.filter(({ publish }) => publish === 'all' || publish === 'full');
    const inserts = tables.filter(({ publish }) => publish === 'insert-only');
    for (let older = 1; older < generation; older += 1) {
      for (const name of [generationName(runId, older), insertOnlyName(runId, older)]) await unpublishTables(source, name, tables);
    }
    await ensurePublication(source, { name: generationName(runId, generation), tables: [heartbeatTable(runId, generation), ...followed.map((table) => quoteName(table.schema, table.name))] });
    if (inserts.length > 0) {
      await ensurePublication(source, { name: insertOnlyName(runId, generation), tables: inserts.map((table) => quoteName(table.schema, table.name)), publish: 'insert' });
    }
  };

/**
 * Creates the slot of a generation and keeps its snapshot for as long as the copy needs it: until it is cancelled. One
 * attempt only, since a new snapshot is a new generation.
 */
export const holdSnapshot =
  (deps: Dependencies) =>
  async ({ runId, generation }: GenerationInput): Promise<void> => {
    const run = await openRun(deps, runId);
    const held = await (run.plan.mode === 'online' ? createSlot(run, generation) : exportSnapshot(run.source, run.plan.database, `snapshot_${runId}`));
    try {
      await recordSnapshot(deps.catalog, { runId, generation, name: held.name, lsn: held.lsn });
      const { workflowExecution } = activityInfo();
      if (workflowExecution === undefined) throw new OperationError('bug', 'a snapshot is held for no workflow');
      await getClient().workflow.getHandle(workflowExecution.workflowId, workflowExecution.runId).signal('snapshotHeld', { generation, lsn: held.lsn });
      await poll(1000, () => {
        heartbeat({ doing: 'holding the snapshot', lsn: held.lsn, generation });
        if (held.session.lost) throw new OperationError('snapshot_lost', `the connection that held the snapshot of ${held.session.place()} has ended`);
        return Promise.resolve(undefined);
      });
    } finally {
      held.session.destroy();
    }
  };

async function createSlot(run: RunContext, generation: number): Promise<HeldSnapshot> {
  const slot = generationName(run.runId, generation);
  await using watch = await run.openSourceServer('slot');
  await dropSlot(watch, slot); // one without its snapshot is of no use
  const deadline = AbortSignal.timeout(SLOT_WAIT_MS);
  let waitsFor = '';
  const blockers = setInterval(() => {
    readSlotBlockers(watch).then(
      (found) => {
        waitsFor = found.map((blocker) => blocker.prepared ?? `pid ${blocker.pid} of ${blocker.user}, ${blocker.age} s, ${blocker.state}`).join('; ');
      },
      () => undefined,
    );
  }, 2000);
  try {
    return await beating(
      () => ({ doing: 'creating the slot', waitsFor }),
      () => createSlotWithSnapshot(run.source, run.plan.database, { slot, purpose: `snapshot_${run.runId}`, signal: AbortSignal.any([cancellationSignal(), deadline]) }),
    );
  } catch (error) {
    if (!deadline.aborted) throw error;
    throw new OperationError('slot_wait_exceeded', `slot ${slot} could not be created in ${SLOT_WAIT_MS / 60_000} minutes`, { detail: `It waits for: ${waitsFor || 'transactions that ended meanwhile'}.` });
  } finally {
    clearInterval(blockers);
  }
}

/** Drops slot and publications of a generation that no table belongs to any more; fine if they are gone. */
export const retireGenerations =
  (deps: Dependencies) =>
  async ({ runId, generation }: GenerationInput): Promise<{ kept: number[] }> => {
    const run = await openRun(deps, runId);
    const used = new Set((await readTables(deps.catalog, runId)).map((table) => table.generation));
    await using source = await run.openSource('retire');
    for (let older = 1; older < generation; older += 1) {
      if (used.has(older)) continue;
      await dropSlot(source, generationName(runId, older));
      for (const name of [generationName(runId, older), insertOnlyName(runId, older)]) await dropPublication(source, name);
    }
    return { kept: [...used].toSorted((a, b) => a - b) };
  };
