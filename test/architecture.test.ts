import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, type Import } from './support/imports.ts';

/** The table of CONTRIBUTING.md. A folder may always import itself. */
interface Room {
  /** Folders, or single files of them. */
  readonly mayImport: readonly string[];
  /** Folders of which only types may be imported. */
  readonly mayImportTypesOf?: readonly string[];
  /** Packages that only this room imports, types included. */
  readonly packages?: readonly string[];
}

const BELOW_ACTIVITIES = ['domain', 'postgres', 'programs', 'storage', 'config', 'catalog', 'providers', 'agent'];

const ROOMS: Readonly<Record<string, Room>> = {
  domain: { mayImport: [] },
  postgres: { mayImport: ['domain'], packages: ['pg', 'pg-protocol'] },
  programs: { mayImport: ['domain'], packages: ['execa'] },
  storage: { mayImport: ['domain'], packages: ['@azure/storage-blob'] },
  config: { mayImport: ['domain'], packages: ['yaml', 'zod', '@temporalio/envconfig'] },
  catalog: { mayImport: ['postgres', 'domain'] },
  providers: { mayImport: ['domain', 'postgres', 'programs'], packages: ['@azure/identity'] },
  agent: { mayImport: ['domain', 'postgres', 'programs', 'catalog'] },
  activities: { mayImport: BELOW_ACTIVITIES, packages: ['@temporalio/activity'] },
  workflows: { mayImport: ['domain'], mayImportTypesOf: ['activities'], packages: ['@temporalio/workflow', 'zod'] },
  client: {
    mayImport: ['workflows/messages.ts', 'domain'],
    mayImportTypesOf: ['workflows'],
    packages: ['@temporalio/client'],
  },
  cli: {
    mayImport: ['client', 'catalog', 'config', 'domain', 'postgres', 'programs', 'providers', 'storage'],
    packages: ['commander', 'cli-progress', 'cli-table3'],
  },
  workers: { mayImport: [...BELOW_ACTIVITIES, 'activities', 'workflows'], packages: ['@temporalio/worker', 'pino'] },
};

/** Without a home: what all of Temporal's own packages share. Only `domain` may have none of it. */
const HOMELESS = ['@temporalio/common', '@temporalio/proto'];
const BARRELS = ['workflows/index.ts', 'activities/index.ts'];
const NO_NAMES = /(^|[-.])(utils?|helpers?|common|shared|manager|service|handler)([-.]|$)/;

const root = join(import.meta.dirname, '..');
const files = globSync(`{${Object.keys(ROOMS).join(',')}}/**/*.ts`, { cwd: root });
const roomOf = (path: string): string => path.split('/')[0] as string;
const imports = files.flatMap((file) => importsOf(readFileSync(join(root, file), 'utf8')).map((found) => ({ file, ...found })));

const packageOf = (specifier: string): string => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
const targetOf = (file: string, specifier: string): string => relative(root, join(root, file, '..', specifier));
const covers = (allowed: readonly string[] | undefined, target: string): boolean =>
  allowed?.some((place) => target === place || target.startsWith(`${place}/`)) ?? false;

/** Why an import breaks the table; `undefined` when it does not. */
function offence(file: string, { specifier, typeOnly }: Import): string | undefined {
  const name = roomOf(file);
  const room = ROOMS[name] as Room;
  if (specifier.startsWith('.')) {
    const target = targetOf(file, specifier);
    if (roomOf(target) === name || covers(room.mayImport, target)) return undefined;
    if (typeOnly && covers(room.mayImportTypesOf, target)) return undefined;
    return covers(room.mayImportTypesOf, target) ? `only types of ${roomOf(target)}/ may be imported` : `${name}/ may not import ${target}`;
  }
  if (isBuiltin(specifier)) return name === 'domain' ? 'domain/ is pure' : undefined;
  const wanted = packageOf(specifier);
  if (room.packages?.includes(wanted) || (HOMELESS.includes(wanted) && name !== 'domain')) return undefined;
  return `${wanted} has another home`;
}

describe('the architecture', () => {
  it('has rooms with files in them', () => {
    expect(files.length).toBeGreaterThan(0);
    expect(imports.length).toBeGreaterThan(0);
  });

  it('imports only in the directions of the table, and every package only in its home', () => {
    const offences = imports.flatMap(({ file, ...found }) => {
      const why = offence(file, found);
      return why ? [`${file} imports ${found.specifier}: ${why}`] : [];
    });
    expect(offences).toEqual([]);
  });

  it('has no barrel files but two', () => {
    const barrels = files.filter((file) => basename(file) === 'index.ts' || imports.some((one) => one.file === file && one.reExportsAll));
    expect(barrels.filter((file) => !BARRELS.includes(file))).toEqual([]);
  });

  it('has no files named for nothing in particular', () => {
    expect(files.filter((file) => NO_NAMES.test(basename(file, '.ts')))).toEqual([]);
  });

  it('has a suite for every test', () => {
    const suffixes = globSync('test/**/*.test.ts', { cwd: root }).map((file) => basename(file).split('.').slice(1, -2).join('.'));
    expect([...new Set(suffixes)].filter((suffix) => !['', 'pg', 'temporal', 'e2e', 'browser'].includes(suffix))).toEqual([]);
  });
});
