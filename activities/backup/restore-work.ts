import type { TocEntry } from '../../domain/backup/archive-toc.ts';
import { subscriptionFor } from '../../domain/backup/subscription-statement.ts';
import { OperationError } from '../../domain/errors.ts';
import { createRestoringDatabase, databaseExists, dropRestoring, endRestoringSessions, restoringName } from '../../postgres/backup/restored-database.ts';
import { listAnalyzable, listExtensionTables, listSubscriptions } from '../../postgres/backup/restored-activity.ts';
import { findObjects } from '../../postgres/backup/restored-objects.ts';
import { dropLargeObjects } from '../../postgres/backup/restored-large-objects.ts';
import { ensureRestoreLedger, markStatement, readRestoreLedger } from '../../postgres/backup/restore-ledger.ts';
import type { Session } from '../../postgres/connection.ts';
import { analyzeTable } from '../../postgres/indexes.ts';
import { quoteIdent, quoteName } from '../../postgres/quoting.ts';
import { largeObjectEntries, restoreEntries, sequencePositions } from './restore-entries.ts';
import { restoreDefinitions, withGuests } from './restore-guests.ts';
import { runLanes, type StepFailure } from './restore-lanes.ts';
import { restoreStep } from './restore-step.ts';
import { miscounted, restoreStream } from './restore-stream.ts';
import { openMaintenance, openRestoring, type RestoreJob, restoringPool } from './restore-target.ts';

export interface RestoreWorkDone {
  /** What an attempt before this one had left, and what was made of it. */
  readonly resumed: string | null;
  /** The collation it has; another one than the manifest's only where `orLocale` allowed it. */
  readonly collation: string;
}

/**
 * Restores into a database of this run's own, from definitions to statistics. Every part leaves a mark with its work, so a
 * repeated attempt goes on behind the last one. Error: `restore_incomplete` with all that could not be made.
 */
export async function restoreWork(job: RestoreJob, orLocale?: string): Promise<RestoreWorkDone> {
  const { resumed, collation } = await prepareDatabase(job, orLocale);
  await using session = await openRestoring(job);
  await ensureRestoreLedger(session, job.runId);
  const done = await readRestoreLedger(session, job.runId);
  const part: Part = async (name, doing, work) => {
    job.signal.throwIfAborted();
    if (done.has(name)) return;
    job.tell({ doing, bytes: 0, totalBytes: 0, steps: 0, totalSteps: 0 });
    await work();
    await session.execute(markStatement(job.runId, name));
  };
  if (job.stream) {
    await part(firstPart(job), 'restoring', () => restoreStream(job));
    const wrong = await miscounted(job, session);
    if (wrong.length > 0) throw incomplete(job, wrong);
  } else await restoreParts(job, session, { done, part });
  await part('statistics', 'collecting statistics', () => analyzeRest(job, session));
  return { resumed, collation };
}

/** Which part cannot be gone on with, once it has begun. */
const firstPart = ({ stream }: RestoreJob): string => (stream ? 'stream' : 'pre-data');

type Part = (name: string, doing: string, work: () => Promise<void>) => Promise<void>;

async function restoreParts(job: RestoreJob, session: Session, { done, part }: { done: ReadonlySet<string>; part: Part }): Promise<void> {
  await part('pre-data', 'creating types and tables', () => restoreDefinitions(job, session));
  await part('sequences', 'setting sequences', () => setSequences(job, session));
  await part('large objects', 'creating large objects', () => createLargeObjects(job, session));
  const failures = await runInLanes(job, session, done);
  if (failures.length > 0) throw incomplete(job, failures.map(({ name, reason }) => `${name}: ${reason}`), failures.some(({ damage }) => damage));
  await part('rest', 'creating triggers, rules, policies and views', () => withGuests(job, session, () => restoreRest(job, session)));
}

/** An attempt that was cut short among the definitions has left some of them, and nobody knows which: those are made anew, and cost little. */
async function prepareDatabase(job: RestoreJob, orLocale?: string): Promise<RestoreWorkDone> {
  await using maintenance = await openMaintenance(job);
  const { encoding, collation, characterType } = job.backup.manifest.source;
  const create = (): Promise<string> => createRestoringDatabase(maintenance, job.runId, { encoding, collation, characterType }, orLocale);
  if (!(await databaseExists(maintenance, restoringName(job.runId)))) return { resumed: null, collation: await create() };
  await endRestoringSessions(maintenance, job.runId);
  const done = await marksOf(job);
  if (done.has(firstPart(job))) return { resumed: `went on behind ${done.size} parts of ${job.steps.length + 5} that an earlier attempt had finished`, collation };
  await dropRestoring(maintenance, job.runId);
  return { resumed: 'began again: an earlier attempt was cut short while it created types and tables', collation: await create() };
}

async function marksOf(job: RestoreJob): Promise<Set<string>> {
  await using session = await openRestoring(job);
  return await readRestoreLedger(session, job.runId);
}

async function setSequences(job: RestoreJob, session: Session): Promise<void> {
  const statements = sequencePositions(job.toc.entries, job.chosen);
  if (statements.length > 0) await session.execute(statements.join('\n'));
}

/** In transactions of bounded size, so those of an attempt that was cut short go first. */
async function createLargeObjects(job: RestoreJob, session: Session): Promise<void> {
  const entries = largeObjectEntries(job.toc.entries);
  if (entries.size === 0) return;
  await dropLargeObjects(session);
  await restoreEntries(job, 'data', (id) => entries.has(id));
}

async function runInLanes(job: RestoreJob, session: Session, done: ReadonlySet<string>): Promise<StepFailure[]> {
  const extensionTables = await listExtensionTables(session);
  const weights = job.steps.map((step) => (step.work.kind === 'rows' ? step.weight : 0));
  const progress = new Map<string, number>(job.steps.map((step, index) => [step.id, done.has(step.id) ? weights[index]! : 0]));
  const totalBytes = weights.reduce((sum, weight) => sum + weight, 0);
  let finished = job.steps.filter(({ id }) => done.has(id)).length;
  const tell = (doing: string): void => job.tell({ doing, bytes: [...progress.values()].reduce((sum, bytes) => sum + bytes, 0), totalBytes, steps: finished, totalSteps: job.steps.length });
  await using pool = restoringPool(job, job.lanes);
  return await runLanes({
    steps: job.steps,
    done,
    lanes: job.lanes,
    run: async (step) => {
      tell(step.name);
      const onProgress = (bytes: number): void => void progress.set(step.id, bytes);
      const refusal = await restoreStep(job, { pool, step, ofExtension: (schema, name) => extensionTables.has(`${schema}.${name}`), onProgress });
      finished += 1;
      tell(step.name);
      return refusal;
    },
  });
}

/**
 * What the lanes leave: all of it in one transaction; event triggers in another, or they would fire on the rest (F22).
 * Subscriptions are made by statements of our own.
 */
async function restoreRest(job: RestoreJob, session: Session): Promise<void> {
  const inLanes = new Set(job.steps.flatMap(({ work }) => (work.kind === 'definition' ? [work.entry.id] : [])));
  const subscriptions = job.toc.entries.filter(({ kind, id }) => kind === 'SUBSCRIPTION' && job.chosen.has(id));
  const ours = new Set(subscriptions.map(({ id }) => id));
  const late = new Set(job.toc.entries.filter(({ kind, id }) => kind === 'EVENT TRIGGER' || ours.has(id)).map(({ id }) => id));
  for (const { id, needs } of job.toc.entries) if (needs.some((need) => late.has(need))) late.add(id);
  await unlessThere(job, session, (id) => !inLanes.has(id) && !late.has(id));
  await createSubscriptions(job, session, subscriptions);
  if (late.size > ours.size) await unlessThere(job, session, (id) => late.has(id) && !ours.has(id));
}

async function createSubscriptions(job: RestoreJob, session: Session, entries: readonly TocEntry[]): Promise<void> {
  const there = new Set(await listSubscriptions(session));
  for (const { tag, definition, owner } of entries) {
    if (there.has(tag)) continue;
    await session.execute(`BEGIN; ${subscriptionFor(definition, job.major)}${job.owners && owner !== null ? `ALTER SUBSCRIPTION ${quoteIdent(tag)} OWNER TO ${quoteIdent(owner)};` : ''} COMMIT`);
  }
}

/** When an attempt died before it could leave its mark, one of the objects stands for all that came with it. */
async function unlessThere(job: RestoreJob, session: Session, only: (entry: number) => boolean): Promise<void> {
  const named = job.toc.entries.find(({ id, section, kind }) => section === 'post-data' && job.chosen.has(id) && only(id) && WITH_NAME.has(kind));
  if (named === undefined || (await findObjects(session, [named])).missing.length > 0) await restoreEntries(job, 'post-data', only);
}

const WITH_NAME: ReadonlySet<string> = new Set(['TRIGGER', 'POLICY', 'PUBLICATION', 'EVENT TRIGGER']);

/** What the lanes have left: tables without rows, and views, which have theirs only now. */
async function analyzeRest(job: RestoreJob, session: Session): Promise<void> {
  const inLanes = new Set(job.steps.flatMap(({ work }) => (work.kind === 'statistics' ? [quoteName(work.schema, work.name)] : [])));
  const tables = (await listAnalyzable(session)).filter(({ schema, name }) => !inLanes.has(quoteName(schema, name)));
  await using pool = restoringPool(job, job.lanes);
  const lane = async (): Promise<void> => {
    for (let table = tables.shift(); table !== undefined; table = tables.shift()) {
      job.signal.throwIfAborted();
      const one = table;
      job.tell({ doing: `collecting statistics of ${quoteName(one.schema, one.name)}`, bytes: 0, totalBytes: 0, steps: 0, totalSteps: 0 });
      await pool.use((other) => analyzeTable(other, one));
    }
  };
  await Promise.all(Array.from({ length: job.lanes }, lane));
}

/** Names everything that failed (B10): nothing is ever passed over. `damage`: of what is stored. */
function incomplete(job: RestoreJob, failures: readonly string[], damage = false): OperationError {
  return new OperationError(damage ? 'backup_damaged' : 'restore_incomplete', `${failures.length} parts of backup ${job.backup.backupId} could not be restored`, { detail: failures.join('\n'), context: { failures: failures.length } });
}
