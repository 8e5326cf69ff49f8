import { databaseStatements } from '../../domain/backup/database-entries.ts';
import { catalogueRow, OperationError, reportOf } from '../../domain/errors.ts';
import { type OwnActivity, quietRestored } from '../../postgres/backup/restored-activity.ts';
import { countObjects, lookAtTarget, publishDatabase, quarantineRestoring, writeProperties } from '../../postgres/backup/restored-database.ts';
import { takeBackRoles } from '../../postgres/backup/lent-rights.ts';
import { findObjects } from '../../postgres/backup/restored-objects.ts';
import { dropRestoreLedger } from '../../postgres/backup/restore-ledger.ts';
import { connect, type Session } from '../../postgres/connection.ts';
import { keepTriggersStill } from '../../postgres/quiet-session.ts';
import { quoteIdent } from '../../postgres/quoting.ts';
import { type PlannedRestore, planRestore, type RestorePlanOrder } from './restore-plan.ts';
import { openMaintenance, openRestoring, type RestoreJob } from './restore-target.ts';
import { streamOf } from './restore-stream.ts';
import { restoreWork } from './restore-work.ts';

export interface RestoreIntoOrder extends RestorePlanOrder {
  readonly database: string;
  /** Switches off the jobs of schedulers in the database. */
  readonly stopJobs: boolean;
  /** A locale to take where the server has not the one of the manifest. */
  readonly orLocale?: string;
}

export interface Restored {
  readonly rows: number;
  readonly bytes: number;
  readonly tables: number;
  readonly rolesMade: readonly string[];
  readonly leftOut: readonly string[];
  readonly activity: OwnActivity;
  readonly collation: string;
  readonly resumed: string | null;
  readonly job: RestoreJob;
}

/**
 * Restores a backup into a database that is not there yet; the name is taken with the last statement. What fails for good is
 * quarantined; what may pass is left for the next attempt to go on with. Errors: `target_not_empty`, `preflight_failed`,
 * `restore_incomplete`, `backup_damaged`, and all that may pass.
 */
export async function restoreInto(order: RestoreIntoOrder): Promise<Restored> {
  const state = await lookFirst(order);
  const planned = await planRestore(order);
  try {
    return await restorePlanned(order, planned, state);
  } finally {
    await takeBack(planned);
  }
}

async function takeBack({ job, lent }: PlannedRestore): Promise<void> {
  if (lent.length === 0) return;
  await using maintenance = await openMaintenance(job);
  await takeBackRoles(maintenance, lent);
}

async function restorePlanned(order: RestoreIntoOrder, planned: PlannedRestore, state: 'absent' | 'restored'): Promise<Restored> {
  const { job } = planned;
  if (state === 'restored') {
    await finish(order, job);
    return summaryOf(planned, { activity: NOTHING, collation: '', resumed: 'an earlier attempt had finished' });
  }
  try {
    const done = await restoreWork(job, order.orLocale);
    const activity = await quiet(job, order.stopJobs);
    job.signal.throwIfAborted();
    await finish(order, job);
    return summaryOf(planned, { ...done, activity });
  } catch (error) {
    throw await afterFailure(error, job);
  }
}

const NOTHING: OwnActivity = { subscriptions: [], jobs: [] };

/** A database that is there is somebody's, also when it is empty: its encoding and rights were chosen (B56). */
async function lookFirst({ server, database, runId }: RestoreIntoOrder): Promise<'absent' | 'restored'> {
  await using maintenance = await connect(server, { purpose: `restore_${runId}` });
  const state = await lookAtTarget(maintenance, runId, database);
  if (state !== 'foreign') return state;
  const objects = await connect(server, { purpose: `restore_${runId}`, database }).then(async (session) => {
    await using inside = session;
    return await countObjects(inside);
  }).catch(() => undefined);
  throw new OperationError('target_not_empty', `database ${database} is on server ${server.name} already`, {
    detail: objects === undefined ? 'It cannot be looked into.' : `It holds ${objects} objects.`,
    hint: 'Restore under a name that is free. Nothing that exists is ever overwritten.',
  });
}

async function quiet(job: RestoreJob, stopJobs: boolean): Promise<OwnActivity> {
  await using session = await openRestoring(job);
  await keepTriggersStill(session); // event triggers of the application are there by now
  const activity = await quietRestored(session, { stopJobs });
  await dropRestoreLedger(session, job.runId);
  return activity;
}

async function finish({ database, owners, privileges }: RestoreIntoOrder, job: RestoreJob): Promise<void> {
  await using maintenance = await openMaintenance(job);
  const { owner, settings } = job.backup.manifest.source;
  if ((await lookAtTarget(maintenance, job.runId, database)) === 'absent') await publishDatabase(maintenance, job.runId, { name: database, backupId: job.backup.backupId });
  const { grants, properties, comment } = databaseStatements(job.toc, quoteIdent(database));
  await writeProperties(maintenance, database, { owner: owners ? owner : undefined, settings: properties.length > 0 ? [] : settings, statements: [...(privileges ? grants : []), ...properties], comment });
}

const summaryOf = ({ job, rolesMade, leftOut }: PlannedRestore, rest: Pick<Restored, 'activity' | 'collation' | 'resumed'>): Restored => {
  const { manifest } = job.backup;
  const tables = job.stream ? manifest.tables.map(({ rows }, index) => ({ rows, bytes: index === 0 ? streamOf(job).rawBytes : 0 })) : job.steps.flatMap(({ work, weight }) => (work.kind === 'rows' ? [{ rows: work.table.rows, bytes: weight }] : []));
  return { ...rest, job, rolesMade, leftOut, tables: tables.length, rows: tables.reduce((sum, { rows }) => sum + rows, 0), bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0) };
};

/** Objects that are named one by one before the rest is counted. */
const NAMED = 200;

async function afterFailure(error: unknown, job: RestoreJob): Promise<unknown> {
  if (!(error instanceof OperationError) || catalogueRow(error.code).retry === 'again' || error.code === 'interrupted') return error;
  return await quarantine(job, error).catch(() => error);
}

/** Closes what came of it and says what is not there (B10). */
export async function quarantine(job: RestoreJob, error: OperationError): Promise<OperationError> {
  const missing = await openRestoring(job).then(async (opened) => {
    await using session = opened;
    return await missingObjects(session, job);
  });
  await using maintenance = await openMaintenance(job);
  const kept = await quarantineRestoring(maintenance, job.runId, reportOf(error).message);
  if (kept === undefined) return error;
  const listed = missing.slice(0, NAMED);
  return new OperationError(error.code === 'backup_damaged' ? 'backup_damaged' : 'restore_incomplete', error.message, {
    detail: [error.detail, `Not there: ${listed.length === 0 ? 'nothing that is named in the archive' : listed.join('; ')}${missing.length > NAMED ? `; and ${missing.length - NAMED} more` : ''}.`, `What came of it is in database ${kept.database} of server ${job.server.name}, closed to everybody.`].filter(Boolean).join('\n'),
    hint: `\`${kept.command}\` removes it.`,
    context: { ...error.context, quarantine: kept.database },
    cause: error,
  });
}

/** Objects of the archive that were to come and are not there. */
export async function missingObjects(session: Session, { toc, chosen }: Pick<RestoreJob, 'toc' | 'chosen'>): Promise<string[]> {
  return (await findObjects(session, toc.entries.filter(({ id }) => chosen.has(id)))).missing;
}
