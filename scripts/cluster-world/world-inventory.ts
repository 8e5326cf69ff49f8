import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { stringify } from 'yaml';

import type { WorldNetwork } from './world-network.ts';
import { APPLICATION_DATABASE, LOGINS, type ServersWish, USERS, type WorldNode } from './world-servers.ts';

/** What an entry may add or change, at any depth. */
export interface EntryWish {
  readonly [field: string]: unknown;
}

export interface InventoryWish {
  /** An existing folder. */
  readonly folder: string;
  readonly cluster: string;
  readonly nodes: readonly WorldNode[];
  readonly network: WorldNetwork;
  readonly passwords: ServersWish['passwords'];
  readonly entry: EntryWish;
}

/** Writes `pgconvoy.yaml` as an operator would, with secrets in files; gives its path. */
export async function writeWorldInventory({ folder, cluster, nodes, network, passwords, entry }: InventoryWish): Promise<string> {
  const logins = Object.fromEntries(LOGINS.map((login) => [login, { user: USERS[login], password: `file:${join(folder, `${login}.password`)}` }]));
  for (const login of LOGINS) await writeFile(join(folder, `${login}.password`), passwords[login].reveal(), { mode: 0o600 });
  const declared = {
    // Each node stands for a machine of its own, also where all are ports of this one.
    nodes: Object.fromEntries(nodes.map(({ name, host, port, dataDir, binDir }) => [name, { host, port, dataDir, binDir, machine: `machine-${name}` }])),
    ...logins,
    database: APPLICATION_DATABASE,
    trusted: network.trusted,
    ...(network.hook === null ? {} : { drilling: { partition: { command: network.hook } } }),
  };
  const file = join(folder, 'pgconvoy.yaml');
  await writeFile(file, stringify({ version: 1, clusters: { [cluster]: merge(declared, entry) } }));
  return file;
}

/** Fields of `over` in place of those of `base`; objects are merged, all else is replaced. */
export function merge(base: EntryWish, over: EntryWish): EntryWish {
  const isObject = (value: unknown): value is EntryWish => typeof value === 'object' && value !== null && !Array.isArray(value);
  return Object.fromEntries(
    [...new Set([...Object.keys(base), ...Object.keys(over)])].map((key) => {
      const [below, above] = [base[key], over[key]];
      return [key, isObject(below) && isObject(above) ? merge(below, above) : Object.hasOwn(over, key) ? above : below];
    }),
  );
}
