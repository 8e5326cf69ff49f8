import pg from 'pg';

import { readRoute } from '../route.ts';

export interface Login {
  readonly routeFile: string;
  readonly user: string;
  readonly password: string | undefined;
}

export interface Connection {
  readonly client: pg.Client;
  /** `host:port/database`. */
  readonly server: string;
}

/** Connects to where the route file points at this moment. Throws the driver's error. */
export async function connectByRoute({ routeFile, user, password }: Login): Promise<Connection> {
  const { host, port, database } = await readRoute(routeFile);
  const client = new pg.Client({ host, port, database, user, password, application_name: 'rental-shop', connectionTimeoutMillis: 5_000 });
  // A connection that breaks is noticed by the query that is under way, or by the next one.
  client.on('error', () => undefined);
  const connection = { client, server: `${host}:${port}/${database}` };
  try {
    await client.connect();
    return connection;
  } catch (error) {
    hangUp(connection);
    throw error;
  }
}

/** Says good-bye without waiting: the server may be gone. */
export const hangUp = ({ client }: Connection): void => void client.end().catch(() => undefined);
