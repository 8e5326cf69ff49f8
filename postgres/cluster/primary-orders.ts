import { parseLsn, type Lsn } from '../../domain/lsn.ts';
import { printSynchronousNames, type SynchronousNames } from '../../domain/cluster/synchronous/names.ts';
import type { Session } from '../connection.ts';
import { quoteLiteral } from '../quoting.ts';

/** Writes a checkpoint and gives the timeline of pg_control afterwards; on a standby it is a restart point. */
export async function checkpoint(session: Session): Promise<number> {
  await session.execute('CHECKPOINT');
  return (await session.row<{ timeline: number }>('SELECT timeline_id AS timeline FROM pg_catalog.pg_control_checkpoint()')).timeline;
}

export async function setSynchronousStandbyNames(session: Session, names: SynchronousNames | null): Promise<void> {
  await session.execute(`ALTER SYSTEM SET synchronous_standby_names = ${quoteLiteral(printSynchronousNames(names))}`);
  await session.execute('SELECT pg_catalog.pg_reload_conf()');
}

/** As it is in force for a session that has taken note of the last reload. */
export const readSynchronousStandbyNames = async (session: Session): Promise<string> =>
  (await session.row<{ names: string }>(`SELECT pg_catalog.current_setting('synchronous_standby_names') AS names`)).names;

/**
 * Writes a few bytes of log, flushed, and gives where they end: who receives from this primary comes past there. It waits for no standby.
 */
export async function writeMarker(session: Session, text: string): Promise<Lsn> {
  await session.execute('SET synchronous_commit = local');
  await session.execute(`SELECT pg_catalog.pg_logical_emit_message(true, 'pgconvoy_marker', $1)`, [text]);
  return parseLsn((await session.row<{ lsn: string }>('SELECT pg_catalog.pg_current_wal_flush_lsn()::text AS lsn')).lsn);
}
