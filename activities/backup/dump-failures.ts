import type { BackupRow } from '../../catalog/backups.ts';
import { type DumpScale, dumpWarnings } from '../../domain/backup/dump-warnings.ts';
import { OperationError } from '../../domain/errors.ts';
import type { DumpWait } from '../../postgres/backup/dump-waits.ts';
import { SQLSTATE, sqlstateOf } from '../../postgres/sqlstate.ts';
import { type DumpSentry, EVERY_MS } from './watch-dump.ts';

export interface DumpCircumstances {
  readonly backup: BackupRow;
  readonly sentry: DumpSentry;
  readonly scale: DumpScale;
  readonly standby: boolean;
  readonly lockTimeoutMs: number;
}

/**
 * Says why a dump failed. The exit code of pg_dump is 1 for everything, so the server is asked: who holds a lock, did
 * replay end queries. What is no failure of the dump stays as it is.
 */
export async function explainDumpFailure(error: unknown, circumstances: DumpCircumstances): Promise<unknown> {
  if (!(error instanceof OperationError) || !isOfDump(error)) return error;
  const { backup, sentry, scale, standby } = circumstances;
  if (isOfLock(error, circumstances)) return locked(backup, sentry.waits);
  const what = `the dump of database ${backup.database} on server ${backup.server}`;
  if (standby && (await sentry.hadConflict())) {
    return new OperationError('dump_failed', `${what} was ended by replay on the standby`, {
      detail: error.detail,
      hint: 'Set hot_standby_feedback = on there, or raise max_standby_streaming_delay; or back up the primary.',
      cause: error,
    });
  }
  const gone = sqlstateOf(error) === SQLSTATE.undefinedTable ? ['A table was dropped or renamed while the dump was under way.'] : [];
  const detail = [...gone, error.detail ?? error.message, ...dumpWarnings(scale)].join('\n');
  return new OperationError('dump_failed', error.code === 'dump_failed' ? error.message : `${what} failed`, { detail, context: error.context, cause: error });
}

/** By code: what a session of ours says when the snapshot, a table or a lock is not to be had. */
const isOfDump = ({ code }: OperationError): boolean => code === 'dump_failed' || code === 'lock_timeout' || code === 'snapshot_lost' || code === 'query_failed' || code === 'connection_lost';

/**
 * A session that waits for a lock gives up after the time-out. A job of pg_dump that comes to a table for which somebody
 * queues gives up at once, since waiting there could become a deadlock with its own leader.
 */
function isOfLock(error: OperationError, { sentry, lockTimeoutMs }: DumpCircumstances): boolean {
  if (sentry.waits.length === 0 || sqlstateOf(error) === SQLSTATE.undefinedTable) return false;
  return error.code === 'lock_timeout' || sentry.waits.some(({ kind }) => kind === 'queues') || sentry.waitedMs >= lockTimeoutMs - 3 * EVERY_MS;
}

function locked({ database, server }: BackupRow, waits: readonly DumpWait[]): OperationError {
  const table = waits.find((wait) => wait.table !== null)?.table;
  return new OperationError('dump_locked', `the dump of database ${database} on server ${server} did not get a lock${table === undefined ? '' : ` on table ${table}`}`, {
    detail: waits.map(({ kind, pid, user, application, age, query }) => `Process ${pid} of ${user || 'nobody'}${application === '' ? '' : ` (${application})`}, whose transaction is ${age} s old, ${kind === 'holds' ? 'holds the lock' : 'queues for the table'}: ${query}`).join('\n'),
    context: { pid: waits[0]?.pid ?? null, table: table ?? null },
  });
}
