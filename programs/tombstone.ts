/** What keeps a fenced server from coming back as a primary, whoever starts it (HA5): with it a server starts as a standby, which is read-only and can be rewound. */
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { giveTo, type Account } from './server-account.ts';

export interface SignalPlace {
  readonly dataDir: string;
  readonly major: number;
  readonly account?: Account | undefined;
}

/** Before 12 a standby is made by recovery.conf. */
const signalFile = ({ dataDir, major }: SignalPlace): string => join(dataDir, major >= 12 ? 'standby.signal' : 'recovery.conf');

export const hasTombstone = (place: SignalPlace): boolean => existsSync(signalFile(place));

/** On disk when it resolves. Where the server would receive from stays as it is: read-only it is with any of it. */
export async function setTombstone(place: SignalPlace): Promise<void> {
  if (hasTombstone(place)) return;
  const file = await open(signalFile(place), 'w', 0o600);
  try {
    await file.writeFile(place.major >= 12 ? '' : "standby_mode = 'on'\n");
    await file.sync();
  } finally {
    await file.close();
  }
  await giveTo(place.account, signalFile(place));
  await syncFolder(place.dataDir);
}

/** Makes a new name in a folder last. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
