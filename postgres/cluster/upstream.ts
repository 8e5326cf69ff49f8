import { parseLsn, type Lsn } from '../../domain/lsn.ts';
import type { Session } from '../connection.ts';
import { conninfo, quoteLiteral } from '../quoting.ts';

export interface UpstreamWish {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly applicationName: string;
  /** The password stands in it, never in the connection string (R84, HA61). */
  readonly passfile: string | null;
}

/** The value of primary_conninfo. What is dead is noticed in seconds: a receiver that waits for it delays whatever comes next. */
export const upstreamConninfo = ({ host, port, user, applicationName, passfile }: UpstreamWish): string =>
  conninfo({ host, port, user, application_name: applicationName, ...(passfile === null ? {} : { passfile }), connect_timeout: 3, sslmode: 'prefer', keepalives: 1, keepalives_idle: 2, keepalives_interval: 1, keepalives_count: 3, tcp_user_timeout: 5000 });

/** From this major on the receiver follows a reload; before, the server has to be started anew. */
export const RELOADS_UPSTREAM = 13;

/** Points a standby at an upstream, or at none (empty texts). In force after a reload of 13 and later. */
export async function setUpstream(session: Session, { primaryConninfo, slot }: { readonly primaryConninfo: string; readonly slot: string }): Promise<void> {
  await session.execute(`ALTER SYSTEM SET primary_conninfo = ${quoteLiteral(primaryConninfo)}`);
  await session.execute(`ALTER SYSTEM SET primary_slot_name = ${quoteLiteral(slot)}`);
  await session.execute('SELECT pg_catalog.pg_reload_conf()');
}

/** What the server receives from as it is configured, for those who look whether there is anything to do. */
export async function readUpstream(session: Session): Promise<{ readonly primaryConninfo: string; readonly slot: string }> {
  return await session.row(`SELECT pg_catalog.current_setting('primary_conninfo') AS "primaryConninfo", pg_catalog.current_setting('primary_slot_name') AS slot`);
}

export interface Reception {
  readonly inRecovery: boolean;
  /** Null: no receiver. */
  readonly receiver: { readonly pid: number; readonly status: string; readonly host: string | null; readonly port: number | null; readonly timeline: number | null } | null;
  /** The greater of received and replayed: received is null on a standby that was restarted while detached (HA36). */
  readonly positionLsn: Lsn | null;
}

/** How a standby receives at this moment. A receiver that has not got through yet has no host. */
export async function readReception(session: Session): Promise<Reception> {
  const place = session.major >= 11 ? 'sender_host AS host, sender_port AS port' : 'NULL AS host, NULL AS port';
  const row = await session.row<Omit<Reception, 'positionLsn'> & { readonly position: string | null }>(`
    SELECT pg_catalog.pg_is_in_recovery() AS "inRecovery",
      (SELECT row_to_json(r) FROM (SELECT pid, status, ${place}, received_tli AS timeline FROM pg_catalog.pg_stat_wal_receiver) AS r) AS receiver,
      CASE WHEN pg_catalog.pg_is_in_recovery() THEN greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn()) ELSE pg_catalog.pg_current_wal_lsn() END::text AS position`);
  const { position, ...rest } = row;
  return { ...rest, positionLsn: position === null ? null : parseLsn(position) };
}

/** Ends the receiver, which a reload does as well when the startup process is at leisure to. */
export async function endReceiver(session: Session, pid: number): Promise<void> {
  await session.execute('SELECT pg_catalog.pg_terminate_backend($1)', [pid]);
}
