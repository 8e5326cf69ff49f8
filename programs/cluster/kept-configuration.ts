import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { type Account, giveTo } from '../server-account.ts';
import { syncFolder } from './durable-file.ts';

/** What belongs to the server itself; everything else in a data directory is somebody's configuration, and a rewind replaces or removes it (HA17). */
const THE_SERVERS = /^(base|global|log|pg_(?!hba\.conf|ident\.conf).*|PG_VERSION|postmaster\.(pid|opts)|backup_(label|manifest).*|tablespace_map.*|standby\.signal|recovery\.(signal|conf|done)|current_logfiles.*)$/;

const isConfiguration = (name: string): boolean => !THE_SERVERS.test(name) && !name.endsWith('.pgconvoy-new');

export interface KeptConfiguration {
  readonly dataDir: string;
  /** Where it is kept, for us alone: certificates and their keys are among it. */
  readonly folder: string;
  readonly account: Account | undefined;
}

/** Copies the configuration aside, whole or not at all. What is kept already stays: the second time it may be the source's. */
export async function keepConfiguration({ dataDir, folder }: Omit<KeptConfiguration, 'account'>): Promise<void> {
  if (existsSync(folder)) return;
  const beside = `${folder}.new`;
  await rm(beside, { recursive: true, force: true });
  await mkdir(beside, { recursive: true, mode: 0o700 });
  for (const name of (await readdir(dataDir)).filter(isConfiguration)) await cp(join(dataDir, name), join(beside, name), { recursive: true, preserveTimestamps: true });
  await rename(beside, folder);
}

/** Puts it back as it was: what is there and was not kept came from another node. */
export async function restoreConfiguration({ dataDir, folder, account }: KeptConfiguration): Promise<void> {
  const kept = await readdir(folder);
  for (const name of (await readdir(dataDir)).filter((name) => isConfiguration(name) && !kept.includes(name))) await rm(join(dataDir, name), { recursive: true });
  for (const name of kept) {
    const target = join(dataDir, name);
    await rm(target, { recursive: true, force: true });
    await cp(join(folder, name), target, { recursive: true, preserveTimestamps: true });
    await giveAll(account, target);
  }
  await syncFolder(dataDir);
}

async function giveAll(account: Account | undefined, path: string): Promise<void> {
  await giveTo(account, path);
  const inside = await readdir(path, { withFileTypes: true }).catch(() => []);
  if (inside.length === 0) return;
  await chmod(path, 0o700);
  for (const entry of inside) await giveAll(account, join(path, entry.name));
}
