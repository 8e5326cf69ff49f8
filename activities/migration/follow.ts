import { activityInfo, getClient, heartbeat } from '@temporalio/activity';

import { readTables } from '../../catalog/copy-plan.ts';
import { recordGate } from '../../catalog/gates.ts';
import { entryNamed } from '../../config/entry-named.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Session } from '../../postgres/connection.ts';
import { conninfoFromTarget } from '../../postgres/preflight/source-from-target.ts';
import { readSlot } from '../../postgres/replication/slot.ts';
import { ensureSubscription, readSubscription } from '../../postgres/replication/subscription.ts';
import { generationName, insertOnlyName, readHeartbeat, sendHeartbeat } from '../../postgres/run-schema.ts';
import { type Dependencies, openRun, type RunContext } from '../dependencies.ts';
import { poll } from '../step.ts';

/** Attaches the target to the slot of every generation that has tables. */
export const startFollowing =
  (deps: Dependencies) =>
  async ({ runId }: { runId: string }): Promise<void> => {
    const run = await openRun(deps, runId);
    const { reachedFromTarget } = entryNamed('server', deps.inventory().servers, run.plan.source);
    await using target = await run.openTarget('follow');
    const tables = await readTables(deps.catalog, runId);
    for (const generation of await generationsOf(deps, runId)) {
      const inserts = tables.some((table) => table.generation === generation && table.facts.publish === 'insert-only');
      await ensureSubscription(target, {
        name: generationName(runId, generation),
        publications: [generationName(runId, generation), ...(inserts ? [insertOnlyName(runId, generation)] : [])],
        slot: generationName(runId, generation),
        // The password has to be in it; only superusers of the target can read it there.
        conninfo: conninfoFromTarget(run.source, run.plan.database, reachedFromTarget ?? {}),
      });
    }
  };

/** The generations that have tables, in order. */
export async function generationsOf(deps: Dependencies, runId: string): Promise<number[]> {
  return [...new Set((await readTables(deps.catalog, runId)).map(({ generation }) => generation))].toSorted((a, b) => a - b);
}

export interface Lag {
  /** Bytes of log that the slowest slot has not confirmed. */
  readonly bytes: number;
  readonly bytesMax: number;
  /** Age of the newest heartbeat that has arrived, by the source's clock; null before the first. */
  readonly seconds: number | null;
}

/** Longest silence of the apply worker, and longest time without progress, before somebody is told. */
const SILENCE_MS = 60_000;
/** How often the workflow is told: a signal is an event of its history. */
const SIGNAL_EVERY_MS = 30_000;

/** Waits until the target is no more than `maxLagBytes` behind; the evidence is a heartbeat written here and seen there. */
export const awaitCaughtUp =
  (deps: Dependencies) =>
  async ({ runId }: { runId: string }): Promise<Lag> => {
    const run = await openRun(deps, runId);
    await using watch = await openWatch(deps, run);
    const lag = await poll(250, async () => {
      const now = await watch.measure();
      heartbeat({ doing: 'catching up', lagBytes: now.bytes, lagSeconds: now.seconds });
      return now.bytes <= run.plan.cutover.maxLagBytes && now.seconds !== null && now.seconds < 5 ? now : undefined;
    });
    await recordGate(deps.catalog, { runId, gate: 'caught-up', attempt: 1, state: 'passed', evidence: lag });
    return lag;
  };

/** Watches replication for as long as the run waits for an operator: until it is cancelled. */
export const watchReplication =
  (deps: Dependencies) =>
  async ({ runId }: { runId: string }): Promise<void> => {
    const run = await openRun(deps, runId);
    await using watch = await openWatch(deps, run);
    const { workflowExecution } = activityInfo();
    let signalledAt = 0;
    await poll(1000, async () => {
      const lag = await watch.measure();
      heartbeat({ doing: 'following', lagBytes: lag.bytes, lagSeconds: lag.seconds });
      if (workflowExecution !== undefined && Date.now() - signalledAt > SIGNAL_EVERY_MS) {
        signalledAt = Date.now();
        await getClient().workflow.getHandle(workflowExecution.workflowId, workflowExecution.runId).signal('lag', lag);
      }
      return undefined;
    });
  };

interface Watch extends AsyncDisposable {
  measure(): Promise<Lag>;
}

async function openWatch(deps: Dependencies, run: RunContext): Promise<Watch> {
  const generations = await generationsOf(deps, run.runId);
  const source = await run.openSource('watch');
  const target = await run.openTarget('watch');
  let bytesMax = 0;
  let runningAt = Date.now();
  let beat = 0;
  const sentAt = new Map<string, number>();
  return {
    measure: async () => {
      beat += 1;
      const token = `${beat}`;
      sentAt.set(token, performance.now());
      const seen = await Promise.all(generations.map((generation) => beatOnce({ source, target, runId: run.runId, generation, token })));
      const bytes = Math.max(...seen.map(({ lagBytes }) => lagBytes));
      bytesMax = Math.max(bytesMax, bytes);
      if (seen.every(({ running }) => running)) runningAt = Date.now();
      if (Date.now() - runningAt > SILENCE_MS) throw new OperationError('subscription_failed', `the subscription of run ${run.runId} on server ${run.plan.target} does not run`);
      const ages = seen.map(({ token: arrived }) => sentAt.get(arrived ?? ''));
      const seconds = ages.some((age) => age === undefined) ? null : Math.max(...ages.map((age) => (performance.now() - (age ?? 0)) / 1000));
      return { bytes, bytesMax, seconds: seconds === null ? null : Math.round(seconds * 1000) / 1000 };
    },
    [Symbol.asyncDispose]: async () => {
      await source.close();
      await target.close();
    },
  };
}

async function beatOnce(order: { source: Session; target: Session; runId: string; generation: number; token: string }) {
  const { source, target, runId, generation, token } = order;
  const name = generationName(runId, generation);
  await sendHeartbeat(source, { runId, generation, token });
  const slot = await readSlot(source, name);
  if (slot === undefined || slot.walStatus === 'lost') throw new OperationError('slot_lost', `slot ${name} on server ${source.server.name} is ${slot === undefined ? 'gone' : 'lost'}`);
  const subscription = await readSubscription(target, name);
  const arrived = await readHeartbeat(target, runId, generation);
  return { lagBytes: slot.lagBytes, running: subscription?.running === true, token: arrived?.token };
}
