import { open, realpath, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

export interface WalDisk {
  /** pg_wal lies on a file system that holds nothing else of the server. */
  readonly own: boolean;
  readonly freeBytes: number;
}

const FILL = 'pgconvoy_fill';
const PIECE = 2 ** 20;

export async function lookAtWalDisk(dataDir: string): Promise<WalDisk> {
  const wal = await realpath(join(dataDir, 'pg_wal'));
  const [here, there, { bavail, bsize }] = [await stat(dataDir), await stat(wal), await statfs(wal)];
  return { own: here.dev !== there.dev, freeBytes: bavail * bsize };
}

/** Writes a file beside the log until nothing fits any more; gives its size. The server knows no file of that name and leaves it alone. */
export async function fillWalDisk(dataDir: string): Promise<number> {
  await using file = await open(join(dataDir, 'pg_wal', FILL), 'w', 0o600);
  const piece = Buffer.alloc(PIECE);
  let [size, written] = [piece.length, 0];
  while (size > 0) {
    const wrote = await file.write(piece, 0, size).then(({ bytesWritten }) => bytesWritten, full);
    written += wrote;
    if (wrote === 0) size = Math.floor(size / 2);
  }
  return written;
}

function full(error: NodeJS.ErrnoException): number {
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') return 0;
  throw error;
}

/** Fine when there is no such file. */
export const freeWalDisk = (dataDir: string): Promise<void> => rm(join(dataDir, 'pg_wal', FILL), { force: true });
