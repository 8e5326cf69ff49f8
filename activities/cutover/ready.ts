import { heartbeat } from '@temporalio/activity';

import { type PlannedTable, readTables } from '../../catalog/copy-plan.ts';
import { publishingOf } from '../../domain/copy/publishing.ts';
import { schemaChanges } from '../../domain/copy/schema-change.ts';
import { tablesToRecopy } from '../../domain/cutover/recopy.ts';
import { OperationError } from '../../domain/errors.ts';
import { readDatabaseProperties, underNames, writeDatabaseSettings } from '../../postgres/database-properties.ts';
import { isMadeBy } from '../../postgres/databases.ts';
import { listPrepared } from '../../postgres/cutover/fence.ts';
import { listPopulatedViews, refreshView } from '../../postgres/materialized-views.ts';
import { readSlot } from '../../postgres/replication/slot.ts';
import { readSubscription } from '../../postgres/replication/subscription.ts';
import { generationName } from '../../postgres/run-schema.ts';
import { readSchemaFingerprint } from '../../postgres/schema-fingerprint.ts';
import { listSequences, readSequences, type SequenceState, writeSequences } from '../../postgres/sequences.ts';
import { listTables } from '../../postgres/tables.ts';
import type { RunContext } from '../dependencies.ts';
import { poll } from '../step.ts';
import type { WindowSessions } from './window-sessions.ts';

/** The longest wait for the lag to become small enough to begin. */
const READY_WITHIN_MS = 120_000;

/** What was done before the window, so that it need not be done inside. */
export interface Ready {
  readonly sequences: readonly SequenceState[];
  /** Of the source's tables and columns, to see inside the window that nobody has changed them since. */
  readonly fingerprint: string;
  /** Tables outside the log, to be copied anew inside the window. */
  readonly recopy: readonly PlannedTable[];
}

/** Everything slow, before anybody has to wait: the lag is small, nothing stands in the way, sequences are set as of now (F62). */
export async function awaitReady(run: RunContext, { sessions, generations }: { sessions: WindowSessions; generations: readonly number[] }): Promise<Ready> {
  const prepared = await listPrepared(sessions.control, run.plan.database);
  if (prepared.length > 0) {
    throw new OperationError('fence_unconfirmed', `database ${run.plan.database} has ${prepared.length} prepared transactions, which no fence stops`, {
      detail: `They are: ${prepared.slice(0, 10).join(', ')}.`,
      hint: 'COMMIT PREPARED or ROLLBACK PREPARED each, then approve again.',
    });
  }
  const fingerprint = await assertUnchanged(run, sessions);
  await carryDatabaseSettings(run, sessions);
  await refreshViews(run, sessions);
  const deadline = performance.now() + READY_WITHIN_MS;
  for (const generation of generations) {
    await poll(200, async () => {
      const lag = await lagOf(run, sessions, generation);
      heartbeat({ doing: 'waiting for a small lag', lagBytes: lag });
      if (lag <= run.plan.cutover.maxLagBytes) return true;
      if (performance.now() < deadline) return undefined;
      throw new OperationError('catch_up_stalled', `the target stays ${lag} bytes behind`, { hint: 'Cut over at a quieter time, or raise `cutover.maxLag`.' });
    });
  }
  const [source, target] = [first(sessions.source), first(sessions.target)];
  const sequences = await readSequences(source, await listSequences(source, run.plan.scope));
  await writeSequences(target, sequences);
  return { sequences, fingerprint, recopy: await tablesOutsideLog(run) };
}

/** Offline nothing is written after the copy, so there is nothing to copy anew. */
export async function tablesOutsideLog(run: RunContext): Promise<PlannedTable[]> {
  if (run.plan.mode === 'offline') return [];
  return tablesToRecopy((await readTables(run.catalog, run.runId)).map(({ facts }) => facts), run.plan.cutover.budgetMs);
}

/** Settings of a database are in force for us too, so they come as late as this. One that was there before is the operator's. */
async function carryDatabaseSettings(run: RunContext, sessions: WindowSessions): Promise<void> {
  const { plan, runId } = run;
  await using server = await run.openTargetServer('ready');
  if (!(await isMadeBy(server, runId, plan.targetDatabase))) return;
  const wanted = await readDatabaseProperties(sessions.control, plan.database);
  if (wanted === undefined) return;
  // The source of an offline migration is read-only by us.
  const settings = wanted.settings.filter(({ setting }) => plan.mode === 'online' || !setting.startsWith('default_transaction_read_only='));
  await writeDatabaseSettings(server, plan.targetDatabase, underNames({ ...wanted, settings }, plan.roles));
}

/** A table that came after the plan is followed by nobody: its rows would be lost without a sound (F17, F57). */
async function assertUnchanged(run: RunContext, sessions: WindowSessions): Promise<string> {
  const source = first(sessions.source);
  const fingerprint = await readSchemaFingerprint(source);
  const planned = (await readTables(run.catalog, run.runId)).map(({ facts }) => facts);
  const now = (await listTables(source, run.plan.scope)).filter((table) => publishingOf(table, run.plan) !== 'skip');
  const changes = schemaChanges(planned, now);
  if (changes.length === 0) return fingerprint;
  throw new OperationError('schema_changed', `tables of ${source.place()} were changed since the migration began`, { detail: `${changes.slice(0, 10).join('; ')}.` });
}

/** Materialized views are in no log; they are computed from what the target has by now, those that the others read from first. */
async function refreshViews(run: RunContext, sessions: WindowSessions): Promise<void> {
  for (const view of await listPopulatedViews(first(sessions.source), run.plan.scope)) await refreshView(first(sessions.target), view);
}

async function lagOf(run: RunContext, sessions: WindowSessions, generation: number): Promise<number> {
  const name = generationName(run.runId, generation);
  const subscription = await readSubscription(first(sessions.target), name);
  if (subscription?.running !== true || subscription.notReady > 0) return Number.POSITIVE_INFINITY;
  const slot = await readSlot(sessions.control, name);
  if (slot === undefined || slot.walStatus === 'lost') throw new OperationError('slot_lost', `slot ${name} on server ${run.plan.source} is gone`);
  return slot.lagBytes;
}

/** The session that the window itself uses. */
export function first<T>(sessions: readonly T[]): T {
  const [session] = sessions;
  if (session === undefined) throw new OperationError('bug', 'a window has no session');
  return session;
}
