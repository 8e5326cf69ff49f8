import pg from 'pg';

import type { Trial } from '../../domain/cluster/switchover/facts.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect } from '../connection.ts';
import { tlsOptions } from '../tls-options.ts';
import { OperationError } from '../../domain/errors.ts';

const TRIAL_MS = 5000;

/** A login as an application does it, in its own database. */
export async function tryLogin(server: ServerAddress, database: string): Promise<Trial> {
  try {
    await using _ = await connect(server, { purpose: 'trial', database, connectTimeoutMs: TRIAL_MS });
    return { outcome: 'done' };
  } catch (error) {
    return { outcome: 'refused', reason: reasonOf(error) };
  }
}

/** A connection as a standby makes it: pg_hba.conf has lines of its own for those, and a password may stand elsewhere. */
export async function tryReplicationLogin(server: ServerAddress): Promise<Trial> {
  const plain = await replicate(server, false);
  if (plain.outcome === 'done' || server.tls.mode === 'disable') return plain;
  return await replicate(server, true);
}

async function replicate(server: ServerAddress, tls: boolean): Promise<Trial> {
  const { host, port, user, password } = server;
  // The word `true` is that of a physical walsender; such a session knows replication commands only.
  const options: pg.ClientConfig & { replication: string } = { host, port, user, password: password?.reveal(), replication: 'true', connectionTimeoutMillis: TRIAL_MS, ssl: tls ? tlsOptions(server.tls, host) : false };
  const client = new pg.Client(options);
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('IDENTIFY_SYSTEM');
    return { outcome: 'done' };
  } catch (error) {
    return { outcome: 'refused', reason: reasonOf(error) };
  } finally {
    void client.end().catch(() => undefined);
  }
}

const reasonOf = (error: unknown): string => (error instanceof OperationError ? (error.detail ?? error.message) : (error as Error).message).replace(/\.$/, '');
