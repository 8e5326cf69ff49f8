import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { libpqEnvironment, type ProgramTarget } from './libpq-environment.ts';
import { type PostgresInstallation, programPath } from './postgres-installations.ts';
import { runProgram } from './run-program.ts';

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
    await runProgram({ program: programPath(order.clients, 'pg_dump'), args, env: await libpqEnvironment(order, { folder, purpose: 'schema' }), signal: order.signal });
    return await readFile(file);
  });
}

export interface RestoreOrder extends ProgramTarget {
  readonly clients: PostgresInstallation;
  readonly archive: Buffer;
  /** `directory`: the archive is the `toc.dat` of one, which is enough for everything but rows. Default: a custom archive. */
  readonly form?: 'custom' | 'directory';
  /** False: no commit waits for the disk; the caller makes all of them durable together. */
  readonly durable?: boolean;
  /** False: everything goes where the database's own tablespace is. */
  readonly tablespaces?: boolean;
  /** The major of the server that is restored to. */
  readonly targetMajor: number;
  /** `any`: entries of both, and whatever `select` lets through. */
  readonly section: 'pre-data' | 'data' | 'post-data' | 'any';
  /** Chooses entries from the archive's own list; nothing is done when it gives none. */
  readonly select: (list: string) => string | Promise<string | undefined>;
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
    if (order.form === 'directory') await mkdir(archive);
    await writeFile(order.form === 'directory' ? join(archive, 'toc.dat') : archive, order.archive);
    const program = programPath(order.clients, 'pg_restore');
    const whole = await runProgram({ program, args: ['--list', ...sectionOf(order), archive] });
    const selected = await order.select(whole.stdout);
    if (selected === undefined || !hasEntries(selected)) return;
    await writeFile(list, selected);
    const args = [...sectionOf(order), `--use-list=${list}`, ...(order.owners ? [] : ['--no-owner']), ...(order.privileges ? [] : ['--no-privileges']), ...(order.tablespaces === false ? ['--no-tablespaces'] : []), archive];
    const settings: Record<string, string> = order.durable === false ? { synchronous_commit: 'off' } : {};
    const run = { env: await libpqEnvironment(order, { folder, purpose: 'schema', settings }), signal: order.signal };
    if (speaksToOlder(order)) return await restoreAsScript(order, { folder, args, run });
    const bounds = !inPieces(order) ? '--single-transaction' : order.clients.major >= FIRST_WITH_TRANSACTION_SIZE ? '--transaction-size=500' : '--exit-on-error';
    await runProgram({ program, args: [bounds, '--exit-on-error', '--no-password', `--dbname=${order.database}`, ...args], ...run });
  });
}

/** Large objects, which is all that is left of the data without its files, are many as well. */
const inPieces = ({ section }: RestoreOrder): boolean => section === 'pre-data' || section === 'data';

/** Whether a list names anything; its comments begin with a semicolon. */
const hasEntries = (list: string): boolean => list.split('\n').some((line) => line !== '' && !line.startsWith(';'));

const sectionOf = ({ section }: RestoreOrder): string[] => (section === 'any' ? [] : [`--section=${section}`]);

const FIRST_WITH_TRANSACTION_SIZE = 17;
/** Servers know `transaction_timeout` from 17 on, and pg_restore from 17 on sets it whatever the server (F37). */
const FIRST_WITH_TRANSACTION_TIMEOUT = 17;

const speaksToOlder = ({ clients, targetMajor }: RestoreOrder): boolean => clients.major >= FIRST_WITH_TRANSACTION_TIMEOUT && targetMajor < FIRST_WITH_TRANSACTION_TIMEOUT;

/** The line of pg_restore's own preamble that an older server refuses; the rest of the script is run as it is. */
const UNKNOWN_TO_OLDER = 'SET transaction_timeout = 0;';

interface ScriptRun {
  readonly folder: string;
  readonly args: readonly string[];
  readonly run: { readonly env: Record<string, string>; readonly signal: AbortSignal | undefined };
}

async function restoreAsScript(order: RestoreOrder, { folder, args, run }: ScriptRun): Promise<void> {
  const script = join(folder, 'script.sql');
  await runProgram({ program: programPath(order.clients, 'pg_restore'), args: [`--file=${script}`, ...args] });
  // The script is in the encoding of the archive's database; as latin1 every byte comes back as it was.
  const text = await readFile(script, 'latin1');
  await writeFile(script, text.replace(`${UNKNOWN_TO_OLDER}\n`, ''), 'latin1');
  const bounds = inPieces(order) ? [] : ['--single-transaction'];
  await runProgram({ program: programPath(order.clients, 'psql'), args: ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', ...bounds, `--file=${script}`], ...run });
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
