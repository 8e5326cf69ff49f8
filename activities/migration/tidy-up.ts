import { readCutoverJournal } from '../../catalog/cutover-journal.ts';
import { recordGate } from '../../catalog/gates.ts';
import { takeOver } from '../../domain/cutover/window.ts';
import { OperationError, reportOf } from '../../domain/errors.ts';
import { type Session } from '../../postgres/connection.ts';
import { admitOurselves, closeDatabase, endSessionsNamed, makeWritable, openDatabase } from '../../postgres/cutover/fence.ts';
import { readDatabaseProperties } from '../../postgres/database-properties.ts';
import { dropDatabaseMadeBy, isMadeBy, readDatabase, unmarkDatabase } from '../../postgres/databases.ts';
import { dropWhatIsNew, knowsWhatWasHere } from '../../postgres/object-inventory.ts';
import { dropPublications, restoreIdentities } from '../../postgres/replication/publication.ts';
import { dropSlot, listSlots } from '../../postgres/replication/slot.ts';
import { dropSubscriptions } from '../../postgres/replication/subscription.ts';
import { restoreRightsHere } from '../../postgres/rights-here.ts';
import { dropOwnedBy, dropRoles, listMadeRoles } from '../../postgres/roles.ts';
import { dropRunSchema, runSchema } from '../../postgres/run-schema.ts';
import { routeSwitch } from '../../providers/route.ts';
import { deadManName } from '../cutover/window-sessions.ts';
import { type Dependencies, openRun, type RunContext } from '../dependencies.ts';
import { beating } from '../step.ts';

/** Removes everything of ours after the switch; the source stays fenced, so that nobody writes to it by mistake. */
export const commitMigration =
  (deps: Dependencies) =>
  async ({ runId }: { runId: string }): Promise<void> => {
    const run = await openRun(deps, runId);
    await beating(() => ({ doing: 'removing what the migration made' }), async () => {
      await inTurn(run, [
        { name: 'fence of the source', work: () => closeSource(run) },
        { name: 'subscriptions on the target', work: () => onTarget(run, (target) => dropSubscriptions(target, runSchema(runId))) },
        { name: 'slots on the source', work: () => dropSlots(run) },
        { name: 'publications and schema on the source', work: () => cleanSource(run) },
        { name: 'schema on the target', work: () => onTarget(run, (target) => dropRunSchema(target, runId)) },
        { name: 'mark of the database on the target', work: () => unmark(run) },
      ]);
      await recordGate(deps.catalog, { runId, gate: 'committed', attempt: 1, state: 'passed', evidence: {} });
    });
  };

/**
 * Leaves both servers as they were before the run: at any moment before the switch, and again after an undo that failed. Behind
 * the point of no return it touches nothing: then the way goes forward.
 */
export const undoMigration =
  (deps: Dependencies) =>
  async ({ runId }: { runId: string }): Promise<{ outcome: 'undone' | 'too-late' }> => {
    const run = await openRun(deps, runId);
    const journal = takeOver(await readCutoverJournal(deps.catalog, runId));
    if (journal.action === 'finished' || journal.action === 'roll-forward') return { outcome: 'too-late' };
    await beating(() => ({ doing: 'removing what the migration made' }), () =>
      inTurn(run, [
        { name: 'fence of the source', work: () => openSource(run, journal.action === 'revert') },
        // The worker that held the application back died in its window.
        ...(journal.action === 'revert' ? [{ name: 'hold of the route', work: () => routeSwitch(run.plan.cutover.route, deps.secret).resume() }] : []),
        { name: 'subscriptions on the target', work: () => onTarget(run, (target) => dropSubscriptions(target, runSchema(runId))) },
        { name: 'slots on the source', work: () => dropSlots(run) },
        { name: 'publications and schema on the source', work: () => cleanSource(run) },
        { name: 'objects on the target', work: () => cleanTarget(run) },
      ]),
    );
    return { outcome: 'undone' };
  };

interface Part {
  readonly name: string;
  readonly work: () => Promise<void>;
}

/** Every part is tried, whatever becomes of the others; what could not be removed is named together (F63). */
async function inTurn(run: RunContext, parts: readonly Part[]): Promise<void> {
  const failures: string[] = [];
  for (const { name, work } of parts) {
    await work().catch((error: unknown) => {
      const { message, detail } = reportOf(error);
      failures.push(`${name}: ${message}${detail === undefined ? '' : ` (${detail})`}`);
    });
  }
  if (failures.length === 0) return;
  throw new OperationError('undo_incomplete', `not everything that run ${run.runId} made could be removed`, {
    detail: failures.join('\n'),
    hint: `Everything of it is named ${runSchema(run.runId)}*: slots and publications on ${run.plan.source}, subscriptions and a schema on ${run.plan.target}. Run \`pgconvoy migrate abort ${run.plan.migration}\` again when the servers answer.`,
  });
}

/** Closed already, unless a commit before this one died while it let itself in. */
async function closeSource(run: RunContext): Promise<void> {
  await using control = await run.openSourceServer('commit');
  await closeDatabase(control, run.plan.database);
}

async function openSource(run: RunContext, fenced: boolean): Promise<void> {
  await using control = await run.openSourceServer('undo');
  await endSessionsNamed(control, deadManName(run.runId));
  if (fenced) await openDatabase(control, run.plan.database);
  if (run.plan.mode === 'offline') await makeWritable(control, run.plan.database);
}

async function dropSlots(run: RunContext): Promise<void> {
  await using control = await run.openSourceServer('undo');
  for (const slot of await listSlots(control, runSchema(run.runId))) await dropSlot(control, slot);
}

async function cleanSource(run: RunContext): Promise<void> {
  await using control = await run.openSourceServer('undo');
  await using source = await admitOurselves(control, run.plan.database, () => run.openSource('undo', { default_transaction_read_only: 'off' }));
  await restoreIdentities(source, run.runId);
  await dropPublications(source, runSchema(run.runId));
  await dropRunSchema(source, run.runId);
}

async function cleanTarget(run: RunContext): Promise<void> {
  await using server = await run.openTargetServer('undo');
  const { targetDatabase } = run.plan;
  if ((await readDatabase(server, targetDatabase)) === undefined) return;
  const ours = await isMadeBy(server, run.runId, targetDatabase);
  const roles = await withTarget(run, async (target) => {
    const made = await listMadeRoles(target, run.runId);
    if (ours) return made;
    await removeObjects(run, target);
    await dropOwnedBy(target, made);
    await dropRunSchema(target, run.runId);
    return made;
  });
  await dropDatabaseMadeBy(server, run.runId, targetDatabase);
  await dropRoles(server, roles);
}

async function removeObjects(run: RunContext, target: Session): Promise<void> {
  if (!(await knowsWhatWasHere(target, run.runId))) return;
  await dropWhatIsNew(target, run.runId);
  await restoreRightsHere(target, run.runId);
}

async function withTarget<T>(run: RunContext, work: (target: Session) => Promise<T>): Promise<T> {
  await using target = await run.openTarget('undo');
  return await work(target);
}

/** Runs `work` in the target's database, unless there is none yet. */
async function onTarget(run: RunContext, work: (target: Session) => Promise<void>): Promise<void> {
  const there = await onServer(run, (server) => readDatabase(server, run.plan.targetDatabase));
  if (there !== undefined) await withTarget(run, work);
}

/** In the place of our mark comes the comment that the database has on the source. */
async function unmark(run: RunContext): Promise<void> {
  await using control = await run.openSourceServer('undo');
  const source = await readDatabaseProperties(control, run.plan.database);
  await onServer(run, (server) => unmarkDatabase(server, { runId: run.runId, name: run.plan.targetDatabase, comment: source?.comment ?? null }));
}

async function onServer<T>(run: RunContext, work: (server: Session) => Promise<T>): Promise<T> {
  await using server = await run.openTargetServer('undo');
  return await work(server);
}
