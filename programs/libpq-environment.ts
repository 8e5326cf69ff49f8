import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ServerAddress } from '../domain/server.ts';

/** A database as libpq programs dial it; the password goes by environment, the certificates by file. */
export interface ProgramTarget {
  readonly server: ServerAddress;
  readonly database: string;
}

export interface LibpqWish {
  /** For the certificates, which only we may read. */
  readonly folder: string;
  /** Shown in pg_stat_activity behind `pgconvoy_`. */
  readonly purpose: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Server defaults for the application's role must not end a long statement. */
const NO_TIMEOUTS = { statement_timeout: '0', lock_timeout: '0', idle_in_transaction_session_timeout: '0' };

/** The `PG*` environment of a server. */
export async function libpqEnvironment({ server, database }: ProgramTarget, wish: LibpqWish): Promise<Record<string, string>> {
  const file = async (name: string, text: string | undefined): Promise<string | undefined> => {
    if (text === undefined) return undefined;
    const path = join(wish.folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const entries = {
    PGHOST: server.host,
    PGPORT: String(server.port),
    PGUSER: server.user,
    PGDATABASE: database,
    PGPASSWORD: server.password?.reveal(),
    PGSSLMODE: server.tls.mode,
    PGSSLROOTCERT: await file('ca.pem', server.tls.ca),
    PGSSLCERT: await file('cert.pem', server.tls.cert),
    PGSSLKEY: await file('key.pem', server.tls.key?.reveal()),
    PGAPPNAME: `pgconvoy_${wish.purpose}`,
    PGTZ: 'UTC',
    PGOPTIONS: Object.entries({ ...NO_TIMEOUTS, ...wish.settings }).map(([name, value]) => `-c ${name}=${value}`).join(' '),
    PGCONNECT_TIMEOUT: '10',
  };
  return Object.fromEntries(Object.entries(entries).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
