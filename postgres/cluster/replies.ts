import type { Session } from '../connection.ts';

/**
 * What changes when a standby replies, by walsender: the moment of its reply (by the standby's clock, so only that it changes says anything), before 12 how
 * far it is. A walsender that is merely there proves nothing (HA3).
 */
export async function readReplies(session: Session): Promise<ReadonlyMap<number, string>> {
  const mark = session.major >= 12 ? 'reply_time' : 'flush_lsn';
  const rows = await session.rows<{ pid: number; mark: string }>(`SELECT pid, ${mark}::text AS mark FROM pg_catalog.pg_stat_replication WHERE state = 'streaming' AND ${mark} IS NOT NULL`);
  return new Map(rows.map(({ pid, mark: text }) => [pid, text]));
}

/**
 * Writes a few bytes of log, to which a standby replies at once: on an idle server it would say nothing for wal_receiver_status_interval, ten seconds. The
 * session must not wait for synchronous standbys: whether there are any is the question.
 */
export async function provokeReplies(session: Session): Promise<void> {
  await session.execute(`SELECT pg_catalog.pg_logical_emit_message(true, 'pgconvoy_lease', '')`);
}
