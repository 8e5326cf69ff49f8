import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ServerAddress } from '../../domain/server.ts';

/** Writes a secret into a file of the folder; gives the reference to it. */
export async function secretFile(folder: string, name: string, secret: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, secret, { mode: 0o600 });
  return `file:${file}`;
}

/** The reference to a catalog's URL. It holds a password, so it goes to a worker by file. */
export const catalogReference = (folder: string, { server, name }: { server: ServerAddress; name: string }): Promise<string> =>
  secretFile(folder, 'catalog-url', `postgres://${server.user}:${server.password?.reveal()}@${server.host}:${server.port}/${name}?sslmode=disable`);

/** A test's server as an entry of an inventory. */
export async function serverEntry(folder: string, { name, host, port, user, password }: ServerAddress): Promise<object> {
  return { host, port, user, password: await secretFile(folder, `${name}-password`, password?.reveal() ?? ''), tls: { mode: 'disable' } };
}
