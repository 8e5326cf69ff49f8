import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Secret } from '../domain/secret.ts';
import { startDetached } from './detached-process.ts';
import { assertPortFree, isListening } from './ports.ts';
import { missing } from './run-program.ts';
import { type Account, giveTo } from './server-account.ts';

export interface PgBouncerPlan {
  /** Path of the program; `undefined` when there is none on this machine. */
  readonly program: string | undefined;
  /** An existing folder for its files; the way to end it is `stopDetached(join(folder, 'process.json'))`. */
  readonly folder: string;
  /** On 127.0.0.1. */
  readonly port: number;
  /** Entries of [databases]. */
  readonly databases: Readonly<Record<string, { readonly host: string; readonly port: number; readonly database: string }>>;
  /** Who may come in, with which password; PgBouncer logs in to the servers with the same. */
  readonly users: Readonly<Record<string, Secret>>;
  /** Of the users, those who may use the admin console. */
  readonly admins: readonly string[];
  /** Of [pgbouncer], over ours. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Needed when we are root, as whom PgBouncer refuses to run. */
  readonly account?: Account | undefined;
}

export interface PgBouncer {
  readonly host: string;
  readonly port: number;
  /** The ini file, with the entries. */
  readonly configFile: string;
  readonly pidFile: string;
}

const LOOPBACK = '127.0.0.1';

/**
 * Starts a PgBouncer with transaction pooling and waits until it serves; it goes on when we end.
 *
 * Errors: `program_missing`, `port_in_use`, `program_failed` with the end of its log.
 */
export async function startPgBouncer(plan: PgBouncerPlan): Promise<PgBouncer> {
  if (plan.program === undefined) throw missing('pgbouncer');
  await assertPortFree(plan.port, 'PgBouncer');
  await mkdir(plan.folder, { recursive: true });
  const inFolder = (name: string): string => join(plan.folder, name);
  const [configFile, users, pidFile] = [inFolder('pgbouncer.ini'), inFolder('users.txt'), inFolder('process.json')];
  await writeFor(plan.account, users, Object.entries(plan.users).map(([name, password]) => `"${name}" "${password.reveal()}"\n`).join(''));
  await writeFor(plan.account, configFile, iniOf(plan, users));
  await startDetached({
    name: 'PgBouncer',
    program: plan.program,
    // Its own log lines go to stderr, which is the log file.
    args: [...(plan.account ? [`--user=${plan.account.name}`] : []), configFile],
    logFile: inFolder('pgbouncer.log'),
    pidFile,
    ready: () => isListening(plan.port),
  });
  return { host: LOOPBACK, port: plan.port, configFile, pidFile };
}

function iniOf({ databases, port, admins, settings }: PgBouncerPlan, users: string): string {
  const ours: Record<string, string | number> = {
    listen_addr: LOOPBACK,
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: users,
    admin_users: admins.join(','),
    pool_mode: 'transaction',
    default_pool_size: 20,
    max_client_conn: 200,
    // node-postgres sends it with every connection.
    ignore_startup_parameters: 'extra_float_digits',
    ...settings,
  };
  const entries = Object.entries(databases).map(([name, { host, port: to, database }]) => `${name} = host=${host} port=${to} dbname=${database}`);
  return ['[databases]', ...entries, '', '[pgbouncer]', ...Object.entries(ours).map(([name, value]) => `${name} = ${value}`), ''].join('\n');
}

/** A file that only the account may read. */
async function writeFor(account: Account | undefined, path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600);
  await giveTo(account, path);
}
