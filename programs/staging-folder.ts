import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { endOrphans, hasOwner } from './process-group.ts';

/** Where a dump may lie on its way to the store. */
export interface StagingPlace {
  readonly folder: string;
  /** For one dump: of several at once each has as much. */
  readonly limitBytes: number;
  /** Of this dump; again by its next attempt. */
  readonly name: string;
}

export interface Staging extends AsyncDisposable {
  /** Empty, and ours alone. */
  readonly folder: string;
  readonly pidFile: string;
  readonly limitBytes: number;
}

const PREFIX = 'pgconvoy-dump-';
const PID_FILE = 'dump.pid';

/** Long enough for whoever made a folder to start its dump. */
const STARTED_BY_MS = 3_600_000;

/** Makes the folder of a dump. What attempts left whose worker is dead, of this dump or of others, is ended and removed first. */
export async function openStaging({ folder: parent, limitBytes, name }: StagingPlace): Promise<Staging> {
  await mkdir(parent, { recursive: true });
  for (const entry of await readdir(parent)) {
    const left = join(parent, entry);
    if (entry.startsWith(`${PREFIX}${name}-`) || (entry.startsWith(PREFIX) && (await isAbandoned(left)))) await removeStaging(left);
  }
  // A name of its own: an earlier attempt that still ends in this process must not remove what is ours.
  const folder = await mkdtemp(join(parent, `${PREFIX}${name}-`));
  return { folder, pidFile: join(folder, PID_FILE), limitBytes, [Symbol.asyncDispose]: () => removeStaging(folder) };
}

async function isAbandoned(folder: string): Promise<boolean> {
  const pidFile = join(folder, PID_FILE);
  if (existsSync(pidFile)) return !(await hasOwner(pidFile));
  const facts = await stat(folder).catch(() => undefined);
  return facts !== undefined && Date.now() - facts.mtimeMs > STARTED_BY_MS;
}

async function removeStaging(folder: string): Promise<void> {
  await endOrphans(join(folder, PID_FILE));
  await rm(folder, { recursive: true, force: true });
}
