import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { OperationError } from '../../domain/errors.ts';
import { startOf } from '../../programs/process-state.ts';

/**
 * Runs `work` while nobody else starts or stops parts of the same folder. What a process that was killed had locked is
 * free again. Error: `not_now`, which says who holds it.
 */
export async function oneAtATime<T>(stateDir: string, work: () => Promise<T>): Promise<T> {
  await mkdir(stateDir, { recursive: true, mode: 0o755 }).catch((error: unknown) => {
    throw new OperationError('setting_invalid', `folder ${stateDir} for the embedded parts cannot be made`, { detail: (error as Error).message, hint: 'Name another one in PGCONVOY_STATE.', cause: error });
  });
  const file = join(stateDir, 'up.lock');
  if (!(await take(file))) {
    const holder = await holderOf(file);
    if (holder !== undefined) {
      throw new OperationError('not_now', `the embedded parts are being started or stopped by process ${holder}`, { hint: 'Wait until it has ended, then look with `pgconvoy status`.' });
    }
    await rm(file, { force: true });
    await take(file);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** Whether the lock was free and is ours now. A link appears with all of its content, or not at all. */
async function take(file: string): Promise<boolean> {
  const mine = `${file}.${process.pid}`;
  await writeFile(mine, JSON.stringify({ pid: process.pid, startedAt: await startOf(process.pid) }));
  try {
    await link(mine, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(mine, { force: true });
  }
}

/** The number of the process that holds the lock; undefined when it has ended, or wrote nothing that can be read. */
async function holderOf(file: string): Promise<number | undefined> {
  try {
    const { pid, startedAt } = JSON.parse(await readFile(file, 'utf8')) as { pid: number; startedAt: string };
    return (await startOf(pid)) === startedAt ? pid : undefined;
  } catch {
    return undefined;
  }
}
