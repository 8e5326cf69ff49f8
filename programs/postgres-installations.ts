import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OperationError } from '../domain/errors.ts';
import { runProgram } from './run-program.ts';

const CLIENTS = ['pg_dump', 'pg_dumpall', 'pg_restore', 'psql', 'pg_basebackup', 'pg_verifybackup', 'pg_rewind', 'pg_controldata', 'pg_waldump'] as const;
const OF_THE_LOG = ['pg_waldump'] as const;
const SERVER = ['postgres', 'initdb', 'pg_ctl'] as const;
export type PostgresProgram = (typeof CLIENTS)[number] | (typeof OF_THE_LOG)[number] | (typeof SERVER)[number];

/** One folder with PostgreSQL programs of one version. */
export interface PostgresInstallation {
  /** 11 … 18. */
  readonly major: number;
  /** As printed, for example `15.18`. */
  readonly version: string;
  readonly binDir: string;
  readonly programs: readonly PostgresProgram[];
}

/** An installation and, for a person, why it was the one. */
export interface PickedInstallation {
  readonly installation: PostgresInstallation;
  readonly reason: string;
}

/** Asks every folder what it has. Folders without PostgreSQL programs, and programs that do not start, are left out. */
export async function findInstallations(folders: readonly string[]): Promise<PostgresInstallation[]> {
  const found = await Promise.all(folders.map(inspect));
  return found.filter((installation) => installation !== undefined);
}

async function inspect(binDir: string): Promise<PostgresInstallation | undefined> {
  const programs = [...SERVER, ...CLIENTS, ...OF_THE_LOG].filter((name) => existsSync(join(binDir, name)));
  const witness = programs.find((name) => name === 'postgres') ?? programs.find((name) => name === 'pg_dump') ?? programs[0];
  if (!witness) return undefined;
  const version = await versionOf(join(binDir, witness));
  if (!version) return undefined;
  return { major: Number.parseInt(version, 10), version, binDir, programs };
}

/** `postgres (PostgreSQL) 15.18 (Debian …)` → `15.18`; `undefined` when the program cannot run on this machine. */
async function versionOf(program: string): Promise<string | undefined> {
  try {
    const { stdout } = await runProgram({ program, args: ['--version'] });
    return /\(PostgreSQL\) (\d+(?:\.\d+)?)/.exec(stdout)?.[1];
  } catch (error) {
    if (error instanceof OperationError) return undefined;
    throw error;
  }
}

/** Whether an installation has all of these programs. */
const has = (installation: PostgresInstallation, names: readonly PostgresProgram[]): boolean =>
  names.every((name) => installation.programs.includes(name));

/** The first folder, in the order they were searched, with a whole server of this major. Error: `program_missing`. */
export function pickServer(found: readonly PostgresInstallation[], major: number): PickedInstallation {
  const installation = found.find((candidate) => candidate.major === major && has(candidate, SERVER));
  if (installation) return { installation, reason: `first server of major ${major} in ${installation.binDir}` };
  throw new OperationError('program_missing', `PostgreSQL server ${major} is not installed`, {
    detail: `Servers were found of: ${majorsOf(found.filter((one) => has(one, SERVER)))}.`,
    hint: `Run \`npm run setup -- --postgres ${major}\`, or list its bin folder in PGCONVOY_PG_BIN.`,
  });
}

/** The first folder with a whole server of the newest major there is. Error: `program_missing`. */
export function newestServer(found: readonly PostgresInstallation[]): PickedInstallation {
  const majors = found.filter((candidate) => has(candidate, SERVER)).map(({ major }) => major);
  if (majors.length > 0) return pickServer(found, Math.max(...majors));
  throw new OperationError('program_missing', 'no PostgreSQL server is installed', { hint: 'Run `npm run setup`, or list the bin folder of one in PGCONVOY_PG_BIN.' });
}

/** What a node of a cluster needs beside its server; pg_verifybackup is of 13 and later. */
const OF_A_NODE = ['psql', 'pg_basebackup', 'pg_rewind', 'pg_controldata', 'pg_waldump'] as const;

/** The first folder with a server of this major (null: of the newest there is) and all that a node of a cluster needs. Error: `program_missing`. */
export function pickNodeServer(found: readonly PostgresInstallation[], major: number | null): PickedInstallation {
  const whole = found.filter((candidate) => has(candidate, SERVER) && has(candidate, OF_A_NODE));
  const wanted = major ?? Math.max(...whole.map((one) => one.major));
  const installation = whole.find((candidate) => candidate.major === wanted);
  if (installation) return { installation, reason: `first server of major ${wanted} with ${OF_A_NODE.join(', ')}, in ${installation.binDir}` };
  throw new OperationError('program_missing', `PostgreSQL ${major ?? ''} is not installed with what a node needs`.replace('  ', ' '), {
    detail: `A node needs ${[...SERVER, ...OF_A_NODE].join(', ')} in one folder. Such folders were found of: ${majorsOf(whole)}.`,
    hint: 'Install the server package of your distribution, list its bin folder in PGCONVOY_PG_BIN, or name it as `binDir` of the node.',
  });
}

/**
 * The newest client programs of at least this major: pg_dump refuses a server newer than itself and reads all older
 * ones. Of equals, the folder searched first. Error: `program_missing`.
 */
export function pickClients(found: readonly PostgresInstallation[], atLeastMajor: number): PickedInstallation {
  const complete = found.filter((candidate) => has(candidate, ['pg_dump', 'pg_dumpall', 'pg_restore', 'psql']));
  const newest = complete.reduce<PostgresInstallation | undefined>((best, one) => (best && best.major >= one.major ? best : one), undefined);
  if (newest && newest.major >= atLeastMajor) {
    return { installation: newest, reason: `newest client programs (${newest.version}), in ${newest.binDir}` };
  }
  throw new OperationError('program_missing', `PostgreSQL client programs of major ${atLeastMajor} or newer are not installed`, {
    detail: `pg_dump has to be at least as new as every server involved. Clients were found of: ${majorsOf(complete)}.`,
    hint: 'Run `npm run setup`, or list the bin folder of newer ones in PGCONVOY_PG_BIN.',
  });
}

const majorsOf = (found: readonly PostgresInstallation[]): string =>
  found.length === 0 ? 'none' : [...new Set(found.map((one) => one.version))].join(', ');

/** The path of a program of an installation. Error: `program_missing`. */
export function programPath(installation: PostgresInstallation, name: PostgresProgram): string {
  if (installation.programs.includes(name)) return join(installation.binDir, name);
  throw new OperationError('program_missing', `program ${name} is not in ${installation.binDir}`);
}
