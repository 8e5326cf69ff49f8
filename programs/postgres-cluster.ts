import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OperationError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import { programPath, type PostgresInstallation } from './postgres-installations.ts';
import { runProgram } from './run-program.ts';
import { giveTo, type Account } from './server-account.ts';

/** A cluster on this machine: where it lives and what runs it. Plain data, so another process can take it up. */
export interface PostgresCluster {
  /** For messages. */
  readonly name: string;
  readonly installation: PostgresInstallation;
  readonly dataDir: string;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly logFile: string;
  /** Whom the server runs as; ourselves, when absent. See `serverAccount()`. */
  readonly account?: Account;
}

export type SettingValue = string | number | boolean;

export interface ClusterPlan extends PostgresCluster {
  readonly superuser: string;
  readonly password: Secret;
  /** Default UTF8. */
  readonly encoding?: string;
  /** Default C, which every machine has. */
  readonly locale?: string;
  readonly settings?: Readonly<Record<string, SettingValue>>;
  /** Lines of pg_hba.conf that go before ours, which let everybody on loopback in by password. */
  readonly hba?: readonly string[];
  /** PEM texts. With them the server offers TLS. */
  readonly tls?: { readonly cert: string; readonly key: Secret; readonly ca?: string };
  /** A folder for the Unix socket; without one there is no socket. */
  readonly socketDir?: string;
  /** Pages with checksums, which 18 and later have anyway. */
  readonly dataChecksums?: boolean;
  /** Do not flush to disk while creating: for clusters that are thrown away. */
  readonly noSync?: boolean;
}

/** The method is scram for all: a password is always there, and 10 to 18 know it. */
const HBA_OF_LOOPBACK = ['local', 'host'].flatMap((type) =>
  ['all', 'replication'].map((database) => `${type} ${database} all ${type === 'host' ? '127.0.0.1/32 ' : ''}scram-sha-256`),
);

/**
 * Creates a cluster with initdb and writes its settings; does not start it. The folder must be empty or absent.
 *
 * Errors: `program_missing`, `program_failed`, `target_not_empty`. A cluster that failed to come about leaves no folder.
 */
export async function createCluster(plan: ClusterPlan): Promise<PostgresCluster> {
  await prepareFolder(plan);
  try {
    await initdb(plan);
    await configure(plan);
  } catch (error) {
    await rm(plan.dataDir, { recursive: true, force: true });
    throw error;
  }
  const { name, installation, dataDir, port, logFile, account } = plan;
  return { name, installation, dataDir, port, logFile, ...(account ? { account } : {}) };
}

async function prepareFolder(plan: ClusterPlan): Promise<void> {
  const { name, dataDir, logFile, socketDir, account } = plan;
  await mkdir(dirname(dataDir), { recursive: true });
  await mkdir(dataDir, { mode: 0o700 }).catch(async () => {
    // What is in the way is never removed: it may be somebody's data.
    if ((await readdir(dataDir)).length === 0) return;
    throw new OperationError('target_not_empty', `data folder ${dataDir} for PostgreSQL server ${name} is not empty`, {
      hint: 'Choose another folder, or move away what is in it.',
    });
  });
  await giveTo(account, dataDir);
  await mkdir(dirname(logFile), { recursive: true });
  // pg_ctl opens the log as the account, which may not be allowed to create a file in that folder.
  await writeFor(plan, logFile, '');
  if (!socketDir) return;
  await mkdir(socketDir, { recursive: true });
  await giveTo(account, socketDir);
}

/** The password goes in by a file: it may not be in argv, and stdin of another account cannot be opened as a file. */
async function initdb(plan: ClusterPlan): Promise<void> {
  const folder = await mkdtemp(`${plan.dataDir}.initdb-`);
  try {
    await giveTo(plan.account, folder);
    const pwfile = join(folder, 'password');
    await writeFor(plan, pwfile, plan.password.reveal());
    await runProgram({
      program: programPath(plan.installation, 'initdb'),
      args: [
        `--pgdata=${plan.dataDir}`,
        `--username=${plan.superuser}`,
        `--pwfile=${pwfile}`,
        '--auth=scram-sha-256',
        `--encoding=${plan.encoding ?? 'UTF8'}`,
        `--locale=${plan.locale ?? 'C'}`,
        ...(plan.dataChecksums ? ['--data-checksums'] : []),
        ...(plan.noSync ? ['--no-sync'] : []),
      ],
      account: plan.account,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function configure(plan: ClusterPlan): Promise<void> {
  const inData = (name: string): string => join(plan.dataDir, name);
  await writeFor(plan, inData('pgconvoy.conf'), settingLines(plan).join('\n') + '\n');
  await appendFile(inData('postgresql.conf'), "\ninclude 'pgconvoy.conf'\n");
  await writeFor(plan, inData('pg_hba.conf'), [...(plan.hba ?? []), ...HBA_OF_LOOPBACK, ''].join('\n'));
  if (!plan.tls) return;
  await writeFor(plan, inData('server.crt'), plan.tls.cert);
  await writeFor(plan, inData('server.key'), plan.tls.key.reveal());
  if (plan.tls.ca) await writeFor(plan, inData('root.crt'), plan.tls.ca);
}

function settingLines(plan: ClusterPlan): string[] {
  const settings: Record<string, SettingValue> = {
    listen_addresses: '127.0.0.1',
    port: plan.port,
    unix_socket_directories: plan.socketDir ?? '',
    // initdb of 10 to 13 sets md5 by itself, and then a new role's password does not fit the scram of pg_hba.conf.
    password_encryption: 'scram-sha-256',
    ...(plan.tls ? { ssl: true, ...(plan.tls.ca ? { ssl_ca_file: 'root.crt' } : {}) } : {}),
    ...plan.settings,
  };
  return Object.entries(settings).map(([name, value]) => `${name} = ${quoteSetting(value)}`);
}

/** Gives a cluster that does not run another port. */
export async function movePort(cluster: PostgresCluster, port: number): Promise<PostgresCluster> {
  // Of two lines for one setting the later one counts.
  if (cluster.port !== port) await appendFile(join(cluster.dataDir, 'pgconvoy.conf'), `port = ${quoteSetting(port)}\n`);
  return { ...cluster, port };
}

/** A value as postgresql.conf wants it: in quotes, with quotes and backslashes doubled. */
const quoteSetting = (value: SettingValue): string => `'${String(value).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** A file that only the account may read. */
async function writeFor({ account }: Pick<ClusterPlan, 'account'>, path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await giveTo(account, path);
}
