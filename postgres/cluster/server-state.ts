import type { ServerState } from '../../domain/cluster/node-facts.ts';
import type { PhysicalSlot, LogicalSlot, SyncState, WalReceiver, WalSender } from '../../domain/cluster/replication-facts.ts';
import { dialledBy, withoutPasswords } from '../../domain/cluster/conninfo.ts';
import { parseLsn, type Lsn } from '../../domain/lsn.ts';
import type { Settings } from '../../domain/preflight/server-facts.ts';
import type { Session } from '../connection.ts';
import { REPORTED_SETTINGS } from './reported-settings.ts';

/** What the server says of itself, without what lies in its data directory. */
export type AskedState = Omit<ServerState, 'archiver'> & { readonly archiverFailing: boolean };

interface StateRow {
  readonly version: string;
  readonly inRecovery: boolean;
  readonly timeline: number;
  readonly writeLsn: string | null;
  readonly receiveLsn: string | null;
  readonly replayLsn: string | null;
  readonly replayPaused: boolean;
  readonly receiver: (Omit<WalReceiver, 'senderHost' | 'senderPort'> & { readonly conninfo: string | null; readonly senderHost: string | null; readonly senderPort: number | null }) | null;
  readonly senders: readonly SenderRow[];
  readonly physicalSlots: readonly PhysicalSlot[];
  readonly logicalSlots: readonly LogicalSlot[];
  readonly settings: Settings;
  readonly archiverFailing: boolean;
  readonly preparedTransactions: readonly string[];
}

type SenderRow = Omit<WalSender, 'sentLsn' | 'flushLsn' | 'replayLsn' | 'syncState'> & { readonly sentLsn: string | null; readonly flushLsn: string | null; readonly replayLsn: string | null; readonly syncState: SyncState };

/** In one round trip, from any major since 10. */
export async function readServerState(session: Session): Promise<AskedState> {
  const { state } = await session.row<{ state: StateRow }>(`SELECT json_build_object(${partsOf(session.major).map(([name, sql]) => `'${name}', ${sql}`).join(',\n')}) AS state`, [REPORTED_SETTINGS]);
  const { receiver, senders, settings } = state;
  return {
    ...state,
    major: session.major,
    writeLsn: lsn(state.writeLsn),
    receiveLsn: lsn(state.receiveLsn),
    replayLsn: lsn(state.replayLsn),
    receiver: receiver === null ? null : receiverOf(receiver),
    senders: senders.map((sender) => ({ ...sender, sentLsn: lsn(sender.sentLsn), flushLsn: lsn(sender.flushLsn), replayLsn: lsn(sender.replayLsn) })),
    settings: hidePasswords(settings),
  };
}

const lsn = (text: string | null): Lsn | null => (text === null ? null : parseLsn(text));

function receiverOf({ conninfo, senderHost, senderPort, ...receiver }: NonNullable<StateRow['receiver']>): WalReceiver {
  const dialled = dialledBy(conninfo ?? '');
  return { ...receiver, senderHost: senderHost ?? dialled.host, senderPort: senderPort ?? dialled.port };
}

function hidePasswords(settings: Settings): Settings {
  const conninfo = settings['primary_conninfo'];
  return conninfo === undefined ? settings : { ...settings, primary_conninfo: { ...conninfo, value: withoutPasswords(conninfo.value) } };
}

const RECOVERY = 'pg_catalog.pg_is_in_recovery()';
const WRITE_LSN = `CASE WHEN NOT ${RECOVERY} THEN pg_catalog.pg_current_wal_lsn() END`;
const rows = (object: string, from: string): string => `(SELECT coalesce(json_agg(${object}), '[]') FROM ${from})`;

function partsOf(major: number): readonly (readonly [keyof StateRow, string])[] {
  return [
    ['version', `pg_catalog.split_part(pg_catalog.current_setting('server_version'), ' ', 1)`],
    ['inRecovery', RECOVERY],
    ['timeline', timeline],
    ['writeLsn', WRITE_LSN],
    ['receiveLsn', 'pg_catalog.pg_last_wal_receive_lsn()'],
    ['replayLsn', `CASE WHEN ${RECOVERY} THEN pg_catalog.pg_last_wal_replay_lsn() END`],
    ['replayPaused', `CASE WHEN ${RECOVERY} THEN pg_catalog.pg_is_wal_replay_paused() ELSE false END`],
    ['receiver', `(SELECT json_build_object('status', status, 'slot', slot_name, 'timeline', received_tli, 'conninfo', conninfo, ${major >= 11 ? `'senderHost', sender_host, 'senderPort', sender_port` : `'senderHost', NULL, 'senderPort', NULL`}, 'lastMessageAgeMs', ${age('last_msg_receipt_time')}) FROM pg_catalog.pg_stat_wal_receiver WHERE status IS NOT NULL)`],
    ['senders', rows(`json_build_object('applicationName', application_name, 'state', state, 'sentLsn', sent_lsn, 'flushLsn', flush_lsn, 'replayLsn', replay_lsn, 'syncState', sync_state, 'replyAgeMs', ${major >= 12 ? age('reply_time') : 'NULL'}) ORDER BY application_name, pid`, 'pg_catalog.pg_stat_replication')],
    ['physicalSlots', rows(`json_build_object('name', slot_name, 'active', active, 'walStatus', ${major >= 13 ? 'wal_status' : 'NULL'}) ORDER BY slot_name`, `pg_catalog.pg_replication_slots WHERE slot_type = 'physical' AND NOT temporary`)],
    ['logicalSlots', rows(`json_build_object('name', slot_name, 'database', database, 'failover', ${major >= 17 ? 'failover' : 'false'}, 'synced', ${major >= 17 ? 'synced' : 'false'}) ORDER BY slot_name`, `pg_catalog.pg_replication_slots WHERE slot_type = 'logical' AND NOT temporary`)],
    ['settings', `(SELECT coalesce(json_object_agg(name, json_build_object('value', setting, 'unit', unit)), '{}') FROM pg_catalog.pg_settings WHERE name = ANY ($1::text[]))`],
    ['archiverFailing', '(SELECT coalesce(last_failed_time > coalesce(last_archived_time, last_failed_time - interval \'1 s\'), false) FROM pg_catalog.pg_stat_archiver)'],
    ['preparedTransactions', rows('gid ORDER BY gid', 'pg_catalog.pg_prepared_xacts')],
  ];
}

/** In milliseconds, by the server's clock; a clock that was set back gives no negative age. */
const age = (column: string): string => `greatest(0, extract(epoch FROM pg_catalog.clock_timestamp() - ${column}) * 1000)::float8`;

/** What is received, or was last received as far as pg_control knows: without a receiver a standby names no timeline. */
const timeline = `CASE WHEN ${RECOVERY}
  THEN (SELECT greatest(timeline_id, min_recovery_end_timeline, (SELECT received_tli FROM pg_catalog.pg_stat_wal_receiver)) FROM pg_catalog.pg_control_checkpoint(), pg_catalog.pg_control_recovery())
  ELSE ('x' || pg_catalog.substr(pg_catalog.pg_walfile_name(${WRITE_LSN}), 1, 8))::bit(32)::int END`;
