import { existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { toolsDir } from './paths.ts';

const foldersOf = (variable: string): string[] => (process.env[variable] ?? '').split(delimiter).filter((folder) => folder !== '');

/** Newest version first: the folders end in `-18.4.0`. */
const newestFirst = (folders: readonly string[]): string[] => folders.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));

/**
 * The folders that may hold PostgreSQL's programs, the most wanted first: what `PGCONVOY_PG_BIN` lists (separated like
 * PATH), what `npm run setup` installed, the distribution's own places, PATH.
 */
export function postgresFolders(): string[] {
  // The clients' folder has a server too, without contrib and TLS, so it comes behind the whole ones.
  const installed = ['postgres-[0-9]*', 'postgres-clients-*'].flatMap((name) => newestFirst(globSync(join(toolsDir(), name, 'bin'))));
  const distribution = newestFirst(globSync('{/usr/lib/postgresql/*/bin,/usr/pgsql-*/bin}'));
  return [...new Set([...foldersOf('PGCONVOY_PG_BIN'), ...installed, ...distribution, ...foldersOf('PATH')])];
}

/** The path of a program on PATH; `undefined` when it is not there. */
export const programOnPath = (name: string): string | undefined =>
  foldersOf('PATH')
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/** The `temporal` program: the one on PATH, else the one `npm run setup` built; `undefined` when there is none. */
export const temporalProgram = (): string | undefined =>
  programOnPath('temporal') ?? newestFirst(globSync(join(toolsDir(), 'temporal-*', 'temporal')))[0];

/** PgBouncer: the one on PATH, else the distribution's, else the one `npm run setup` unpacked; `undefined` when there is none. */
export const pgbouncerProgram = (): string | undefined =>
  programOnPath('pgbouncer') ?? ['/usr/sbin/pgbouncer', join(toolsDir(), 'pgbouncer', 'bin', 'pgbouncer')].find((path) => existsSync(path));

/** `ip` of iproute2: the one on PATH, else the distribution's, else the one `npm run setup` unpacked; `undefined` when there is none. */
export const ipProgram = (): string | undefined => programOnPath('ip') ?? ['/usr/sbin/ip', '/sbin/ip', join(toolsDir(), 'iproute2', 'bin', 'ip')].find((path) => existsSync(path));
