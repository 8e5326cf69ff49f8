import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ServerAddress } from '../domain/server.ts';
import { type PostgresInstallation, programPath } from './postgres-installations.ts';
import { runProgram } from './run-program.ts';

/** A database as libpq programs dial it; the password goes by environment, the certificates by file. */
export interface ProgramTarget {
  readonly server: ServerAddress;
  readonly database: string;
}

export interface SchemaDumpOrder extends ProgramTarget {
  readonly clients: PostgresInstallation;
  readonly schemas?: readonly string[] | undefined;
  readonly excludeSchemas: readonly string[];
  readonly excludeTables: readonly string[];
  readonly owners: boolean;
  readonly privileges: boolean;
  /** `c` the custom archive that pg_restore reads, `p` plain SQL. */
  readonly format: 'c' | 'p';
  readonly signal?: AbortSignal;
}

/** Dumps the definitions of a database, no rows: the content of the archive. Objects of ours are left out. */
export async function dumpSchema(order: SchemaDumpOrder): Promise<Buffer> {
  return await inFolder(async (folder) => {
    const file = join(folder, 'schema');
    const args = [
      '--schema-only', '--no-subscriptions', '--exclude-schema=pgconvoy_*', `--format=${order.format}`, `--file=${file}`,
      ...(order.schemas ?? []).map((schema) => `--schema=${exactPattern(schema)}`),
      ...order.excludeSchemas.map((schema) => `--exclude-schema=${exactPattern(schema)}`),
      ...order.excludeTables.map((table) => `--exclude-table=${tablePattern(table)}`),
      ...(order.owners ? [] : ['--no-owner']),
      ...(order.privileges ? [] : ['--no-privileges']),
    ];
    await runProgram({ program: programPath(order.clients, 'pg_dump'), args, env: await libpqEnvironment(order, folder), signal: order.signal });
    return await readFile(file);
  });
}

export interface RestoreOrder extends ProgramTarget {
  readonly clients: PostgresInstallation;
  readonly archive: Buffer;
  readonly section: 'pre-data' | 'post-data';
  /** Chooses entries from the archive's own list. */
  readonly select: (list: string) => string;
  readonly owners: boolean;
  readonly privileges: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Creates the objects of one section of an archive. Tables go in transactions of bounded size, since each object created
 * holds a lock until the commit and the lock table is finite; what comes after the data goes all or none.
 */
export async function restoreSection(order: RestoreOrder): Promise<void> {
  await inFolder(async (folder) => {
    const archive = join(folder, 'archive');
    const list = join(folder, 'list');
    await writeFile(archive, order.archive);
    const program = programPath(order.clients, 'pg_restore');
    const whole = await runProgram({ program, args: ['--list', `--section=${order.section}`, archive] });
    await writeFile(list, order.select(whole.stdout));
    const args = [
      order.section === 'pre-data' ? '--transaction-size=500' : '--single-transaction', '--exit-on-error', '--no-password', `--section=${order.section}`, `--use-list=${list}`, `--dbname=${order.database}`,
      ...(order.owners ? [] : ['--no-owner']),
      ...(order.privileges ? [] : ['--no-privileges']),
      archive,
    ];
    await runProgram({ program, args, env: await libpqEnvironment(order, folder), signal: order.signal });
  });
}

/** The `PG*` environment of a server. Server defaults for the application's role must not end a long statement. */
async function libpqEnvironment({ server, database }: ProgramTarget, folder: string): Promise<Record<string, string>> {
  const file = async (name: string, text: string | undefined): Promise<string | undefined> => {
    if (text === undefined) return undefined;
    const path = join(folder, name);
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
    PGAPPNAME: 'pgconvoy_schema',
    PGOPTIONS: '-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0',
    PGCONNECT_TIMEOUT: '10',
  };
  return Object.fromEntries(Object.entries(entries).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'pgconvoy-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** pg_dump reads its patterns as psql does; in double quotes a name is itself. */
const exactPattern = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** `schema.table` with `*`, each part quoted around its stars. */
function tablePattern(pattern: string): string {
  const dot = pattern.indexOf('.');
  const parts = dot === -1 ? [pattern] : [pattern.slice(0, dot), pattern.slice(dot + 1)];
  return parts.map((part) => part.split('*').map((piece) => (piece === '' ? '' : exactPattern(piece))).join('*')).join('.');
}
