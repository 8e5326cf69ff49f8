import { readFileSync } from 'node:fs';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { detachedPid } from '../../programs/detached-process.ts';

export const PART_NAMES = ['temporal', 'catalog', 'store', 'worker'] as const;
export type PartName = (typeof PART_NAMES)[number];

/** What `pgconvoy up` says of a part it has started or found. */
export interface StartedPart<Facts> {
  readonly facts: Facts;
  /** False: it ran before. */
  readonly startedNow: boolean;
}

/** How a part is found when somebody looks. `not-answering`: its process runs, and nobody answers at its address. */
export interface PartReport {
  readonly part: PartName;
  readonly state: 'running' | 'not-answering' | 'stopped';
  readonly address?: string;
  readonly pid?: number;
  /** ISO 8601: since when it runs. */
  readonly since?: string;
  readonly version?: string;
  readonly log?: string;
}

/** Each part lives in a folder of its own, so that whoever comes later finds everything to look at it and to end it. */
export const partFolder = (stateDir: string, part: PartName): string => join(stateDir, part);

export const pidFileOf = (folder: string): string => join(folder, 'process.json');
export const logFileOf = (folder: string): string => join(folder, 'server.log');

/** The folder, which the account that Postgres runs as has to get into. */
export async function makePartFolder(stateDir: string, part: PartName): Promise<string> {
  const folder = partFolder(stateDir, part);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  return folder;
}

/** What was written down of a part when it was last started; undefined when it never was. */
export function readFacts<Facts>(folder: string, name = 'facts.json'): Facts | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Facts;
  } catch {
    return undefined; // never written, as its replacement is atomic; a folder that was tampered with starts anew
  }
}

/** Replaces the facts in one step. Before the part is started, so that no moment is without a way to find it. */
export async function writeFacts(folder: string, facts: object, name = 'facts.json'): Promise<void> {
  const path = join(folder, name);
  await writeFile(`${path}.new`, JSON.stringify(facts, null, 2));
  await rename(`${path}.new`, path);
}

/** Process number and start of a part that is a detached process; undefined when it does not run. */
export async function processOf(folder: string): Promise<{ pid: number; since: string } | undefined> {
  const pid = await detachedPid(pidFileOf(folder));
  if (pid === undefined) return undefined;
  const { mtime } = await stat(pidFileOf(folder)); // written once, at the start
  return { pid, since: mtime.toISOString() };
}
