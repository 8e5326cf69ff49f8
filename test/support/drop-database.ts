import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerAddress } from '../../domain/server.ts';
import { connect, type Session } from '../../postgres/connection.ts';
import { quoteIdent } from '../../postgres/quoting.ts';

const DROP_TRIES = 300;
const DROP_PAUSE_MS = 200;

/**
 * Drops a database whatever still hangs on it: subscriptions, walsenders, slots, sessions, a fence. A walsender ends, and
 * its slot becomes free, some moments after it was told to: the whole is repeated, for a minute.
 */
export async function dropDatabase(server: ServerAddress, name: string): Promise<void> {
  await using session = await connect(server, { purpose: 'test' });
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (!(await session.maybeRow('SELECT 1 FROM pg_database WHERE datname = $1', [name]))) return;
      await dropSubscriptions(session, name);
      await endSessions(session, name);
      await session.execute('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = $1', [name]);
      await session.execute(`DROP DATABASE ${quoteIdent(name)}`);
      return;
    } catch (error) {
      if (attempt === DROP_TRIES) throw error;
      await sleep(DROP_PAUSE_MS);
    }
  }
}

/** Without asking the publisher, which may be gone: the slot there is dropped with the publisher's database. */
async function dropSubscriptions(session: Session, name: string): Promise<void> {
  const subscriptions = await session.rows<{ subname: string }>(
    'SELECT subname FROM pg_subscription JOIN pg_database d ON d.oid = subdbid WHERE datname = $1',
    [name],
  );
  if (subscriptions.length === 0) return;
  await session.execute(`ALTER DATABASE ${quoteIdent(name)} ALLOW_CONNECTIONS true`);
  await using inside = await connect(session.server, { purpose: 'test', database: name });
  for (const { subname } of subscriptions) {
    const subscription = quoteIdent(subname);
    await inside.execute(`ALTER SUBSCRIPTION ${subscription} DISABLE`);
    await inside.execute(`ALTER SUBSCRIPTION ${subscription} SET (slot_name = NONE)`);
    await inside.execute(`DROP SUBSCRIPTION ${subscription}`);
  }
}

/** Nobody new first, then everybody out; a walsender counts as a session of the database. */
async function endSessions(session: Session, name: string): Promise<void> {
  await session.execute(`ALTER DATABASE ${quoteIdent(name)} ALLOW_CONNECTIONS false`);
  await session.execute('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
  await session.execute(
    'SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = $1 AND active_pid IS NOT NULL',
    [name],
  );
}
