import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toolsDir } from '../../config/paths.ts';
import { isAlive } from '../../programs/process-state.ts';
import { say } from './say.ts';

const POLL_MS = 500;

/**
 * Brings a folder of the tools folder about, once. `build` fills a side folder, which gets the name only when it is whole:
 * an interrupted set-up leaves nothing that looks installed. Of two runs at the same time one builds, the other waits.
 *
 * @returns the folder
 */
export async function installFolder(name: string, build: (side: string) => Promise<void>): Promise<string> {
  const folder = join(toolsDir(), name);
  if (existsSync(folder)) return folder;
  await mkdir(toolsDir(), { recursive: true, mode: 0o755 });
  const lock = join(toolsDir(), `.lock-${name}`);
  await takeLock(lock);
  try {
    if (!existsSync(folder)) await buildAside(folder, build);
    return folder;
  } finally {
    await rm(lock, { force: true });
  }
}

async function buildAside(folder: string, build: (side: string) => Promise<void>): Promise<void> {
  // Begins with a dot, so that nobody who looks for tools by their names finds it.
  const side = join(dirname(folder), `.building-${basename(folder)}`);
  await rm(side, { recursive: true, force: true });
  await mkdir(side, { mode: 0o755 });
  try {
    await build(side);
    await rename(side, folder);
  } finally {
    await rm(side, { recursive: true, force: true });
  }
}

/** The lock is a file with our process id; one whose process is gone is taken over. */
async function takeLock(lock: string): Promise<void> {
  let told = false;
  while (!(await tryLock(lock))) {
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (owner > 0 && !(await isAlive(owner))) {
      await rm(lock, { force: true });
      continue;
    }
    if (!told) say(`waiting for another set-up (process ${owner})`);
    told = true;
    await sleep(POLL_MS);
  }
}

/** A hard link appears together with what is in it, so nobody ever sees a lock without an owner. */
async function tryLock(lock: string): Promise<boolean> {
  const mine = `${lock}.${process.pid}`;
  await writeFile(mine, String(process.pid));
  try {
    await link(mine, lock);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(mine);
  }
}
