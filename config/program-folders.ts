import { existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { toolsDir } from './paths.ts';

const onPath = (): string[] => (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');

/**
 * The folders that may hold PostgreSQL's programs, the most wanted first: what `PGCONVOY_PG_BIN` lists (separated like
 * PATH), what `npm run setup` installed, the distribution's own places, PATH.
 */
export function postgresFolders(): string[] {
  const configured = (process.env['PGCONVOY_PG_BIN'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const installed = globSync(join(toolsDir(), '{postgres,postgres-clients}-*', 'bin')).toSorted();
  const distribution = globSync('{/usr/lib/postgresql/*/bin,/usr/pgsql-*/bin}').toSorted();
  return [...new Set([...configured, ...installed, ...distribution, ...onPath()])];
}

/** The `temporal` program: the one on PATH, else the one `npm run setup` built; `undefined` when there is none. */
export function temporalProgram(): string | undefined {
  const installed = globSync(join(toolsDir(), 'temporal-*')).toSorted().toReversed();
  return [...onPath(), ...installed].map((folder) => join(folder, 'temporal')).find((path) => existsSync(path));
}
