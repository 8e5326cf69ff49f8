import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { type Account, giveTo } from '../server-account.ts';

/** Writes a file whole or not at all, for the account alone to read, and on disk when it resolves. */
export async function writeDurably(path: string, text: string, account: Account | undefined): Promise<void> {
  const beside = `${path}.pgconvoy-new`;
  const file = await open(beside, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await giveTo(account, beside);
  await rename(beside, path);
  await syncFolder(dirname(path));
}

export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

/** What was renamed or removed in a folder is on disk only after this. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The text of a file; empty when it is not there. */
export async function readIfThere(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
}
