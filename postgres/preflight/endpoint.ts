import type { EndpointProof } from '../../domain/preflight/server-facts.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect, type Session } from '../connection.ts';

/**
 * Opens two connections side by side and looks whether they reach one postmaster, and whether a session keeps its state
 * while the other holds a transaction: a pooler in transaction mode gives the first one's backend away (F44).
 */
export async function proveEndpoint(server: ServerAddress, database: string): Promise<EndpointProof> {
  await using first = await connect(server, { database, purpose: 'check' });
  await using second = await connect(server, { database, purpose: 'check' });
  await first.execute("SELECT pg_catalog.set_config('pgconvoy.proof', 'kept', false)");
  const before = await readInstance(first);
  // Takes the backend that the pooler has just got back from `first`, and keeps it.
  await second.execute('BEGIN');
  const other = await readInstance(second);
  const after = await readInstance(first);
  await second.execute('ROLLBACK');
  return { instances: [before, other, after].map(({ systemIdentifier, startedAt }) => ({ systemIdentifier, startedAt })), sessionKept: before.pid === after.pid && after.proof === 'kept' };
}

const readInstance = (session: Session): Promise<{ pid: number; proof: string | null; systemIdentifier: string; startedAt: string }> =>
  session.row(`
    SELECT pg_catalog.pg_backend_pid() AS pid, pg_catalog.current_setting('pgconvoy.proof', true) AS proof,
           (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) AS "systemIdentifier",
           pg_catalog.pg_postmaster_start_time()::text AS "startedAt"`);
