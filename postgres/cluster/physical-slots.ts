import type { PhysicalSlot } from '../../domain/cluster/replication-facts.ts';
import type { Session } from '../connection.ts';
import { SQLSTATE, sqlstateOf } from '../sqlstate.ts';

export const listPhysicalSlots = (session: Session): Promise<PhysicalSlot[]> =>
  session.rows<PhysicalSlot>(`SELECT slot_name AS name, active, ${session.major >= 13 ? 'wal_status' : 'NULL'} AS "walStatus" FROM pg_catalog.pg_replication_slots WHERE slot_type = 'physical' AND NOT temporary ORDER BY slot_name`);

/** Creates a slot that keeps the log from now on; one that is there is fine. Gives whether it was made. */
export async function createPhysicalSlot(session: Session, name: string): Promise<boolean> {
  try {
    await session.execute('SELECT pg_catalog.pg_create_physical_replication_slot($1, true)', [name]);
    return true;
  } catch (error) {
    if (sqlstateOf(error) === SQLSTATE.duplicateObject) return false;
    throw error;
  }
}

/** Drops a slot that nobody reads; gives false for one that somebody does. One that is gone is fine. */
export async function dropIdleSlot(session: Session, name: string): Promise<boolean> {
  try {
    await session.execute('SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots WHERE slot_name = $1', [name]);
    return true;
  } catch (error) {
    const state = sqlstateOf(error);
    if (state === SQLSTATE.undefinedObject) return true;
    if (state === SQLSTATE.objectInUse) return false;
    throw error;
  }
}
