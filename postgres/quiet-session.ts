import type { Session } from './connection.ts';
import { SQLSTATE, sqlstateOf } from './sqlstate.ts';

/**
 * Keeps triggers and event triggers of the application from firing on what this session does, where our role may: what we make
 * and drop is not to show up in a log of definitions (F22). ENABLE ALWAYS ones fire still. Without the right nothing changes.
 */
export async function keepTriggersStill(session: Session): Promise<void> {
  await session.execute('SET session_replication_role = replica').catch((error: unknown) => {
    if (sqlstateOf(error) !== SQLSTATE.insufficientPrivilege) throw error;
  });
}
