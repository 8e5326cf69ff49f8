import { appendFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { runProgram } from '../../programs/run-program.ts';
import { freeBytes } from '../../programs/staging-space.ts';

/** A file system of its own in memory, of a few megabytes. `await using` takes it away with all that is in it. */
export interface SmallDisk extends AsyncDisposable {
  readonly folder: string;
  /** Somebody else's file takes what is free, all but so many bytes; and more each time. */
  fillUp(leaving: number): void;
  /** That file goes. */
  empty(): void;
}

/** Undefined where mounts are not permitted: to all but root, and in many containers. */
export async function smallDisk(folder: string, megabytes: number): Promise<SmallDisk | undefined> {
  await mkdir(folder, { recursive: true });
  const mounted = await runProgram({ program: 'mount', args: ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder] }).then(() => true, () => false);
  if (!mounted) return undefined;
  const foreign = join(folder, 'of-somebody-else');
  return {
    folder,
    fillUp: (leaving) => {
      try {
        appendFileSync(foreign, Buffer.alloc(Math.max(0, freeBytes(folder) - leaving)));
      } catch {
        // Others write at the same time: it is full.
      }
    },
    empty: () => rmSync(foreign, { force: true }),
    [Symbol.asyncDispose]: async () => void (await runProgram({ program: 'umount', args: ['--lazy', folder] })),
  };
}
