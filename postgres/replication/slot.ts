import type { Lsn } from '../../domain/lsn.ts';
import type { Session } from '../connection.ts';
import { SQLSTATE, sqlstateOf } from '../sqlstate.ts';

export interface SlotState {
  readonly active: boolean;
  readonly confirmedFlush: Lsn;
  /** `reserved`, `extended`, `unreserved`, `lost`; null before 13. */
  readonly walStatus: string | null;
  /** Bytes of log that the slot keeps from being removed. */
  readonly retainedBytes: number;
  /** Bytes of log that the target has not confirmed. */
  readonly lagBytes: number;
}

/** The state of a slot, or undefined when there is none. Asked on the source. */
export async function readSlot(session: Session, slot: string): Promise<SlotState | undefined> {
  return await session.maybeRow<SlotState>(
    `SELECT active, confirmed_flush_lsn::text AS "confirmedFlush",
            ${session.major >= 13 ? 'wal_status' : 'NULL'} AS "walStatus",
            greatest(0, pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn))::bigint AS "retainedBytes",
            greatest(0, pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), confirmed_flush_lsn))::bigint AS "lagBytes"
       FROM pg_catalog.pg_replication_slots WHERE slot_name = $1`,
    [slot],
  );
}

/** Drops a slot, ending the walsender that uses it; fine if it is gone. Bounded: a slot still in use after 5 s is an error. */
export async function dropSlot(session: Session, slot: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await session.execute(
        `SELECT pg_catalog.pg_terminate_backend(active_pid) FROM pg_catalog.pg_replication_slots WHERE slot_name = $1 AND active_pid IS NOT NULL`,
        [slot],
      );
      await session.execute('SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots WHERE slot_name = $1', [slot]);
      return;
    } catch (error) {
      const state = sqlstateOf(error);
      if (state === SQLSTATE.undefinedObject) return;
      if (state !== SQLSTATE.objectInUse || attempt >= 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** The slots whose name begins with a prefix. */
export async function listSlots(session: Session, prefix: string): Promise<string[]> {
  const rows = await session.rows<{ name: string }>('SELECT slot_name AS name FROM pg_catalog.pg_replication_slots WHERE left(slot_name, length($1)) = $1', [prefix]);
  return rows.map((row) => row.name);
}
