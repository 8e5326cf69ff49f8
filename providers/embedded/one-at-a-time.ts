import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { OperationError } from '../../domain/errors.ts';
import { startOf } from '../../programs/process-state.ts';

/**
 * Runs `work` while nobody else starts or stops parts of the same folder. What a process that was killed had locked is
 * free again. Error: `not_now`, which says who holds it.
 */
export async function oneAtATime<T>(stateDir: string, work: () => Promise<T>): Promise<T> {
  const file = join(stateDir, 'up.lock');
  await mkdir(stateDir, { recursive: true, mode: 0o755 }).catch((error: unknown) => {
    throw new OperationError('setting_invalid', `folder ${stateDir} for the embedded parts cannot be made`, { detail: (error as Error).message, hint: 'Name another one in PGCONVOY_STATE.', cause: error });
  });
  const mine = JSON.stringify({ pid: process.pid, startedAt: await startOf(process.pid) });
  if (!(await taken(file, mine))) {
    const holder = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as { pid?: number; startedAt?: string };
    if (holder.pid !== undefined && (await startOf(holder.pid)) === holder.startedAt) {
      throw new OperationError('not_now', `the embedded parts are being started or stopped by process ${holder.pid}`, { hint: 'Wait until it has ended, then look with `pgconvoy status`.' });
    }
    await writeFile(file, mine);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** Whether the lock file was not there and is now ours. */
const taken = (file: string, text: string): Promise<boolean> =>
  writeFile(file, text, { flag: 'wx' }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
