import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { stringify } from 'yaml';

import type { DemoServer } from './demo-servers.ts';

export const MIGRATION = 'shop';
export const DATABASE = 'shop';

export interface DemoPlan {
  readonly source: DemoServer;
  readonly target: DemoServer;
  readonly routeFile: string;
}

/** Writes the inventory as an operator would write it, with the switch of the route as a command of the operator's own. */
export async function writeDemoInventory(path: string, { source, target, routeFile }: DemoPlan): Promise<void> {
  const inventory = {
    version: 1,
    servers: { source: entryOf(source), target: entryOf(target) },
    migrations: {
      [MIGRATION]: {
        source: 'source',
        target: 'target',
        database: DATABASE,
        mode: 'online',
        // A person would look at the report of the verification first; here nobody is there to do so.
        approval: 'none',
        commit: 'automatic',
        cutover: { route: { kind: 'command', command: ['/bin/sh', fileURLToPath(new URL('route-hook.sh', import.meta.url)), routeFile] } },
      },
    },
  };
  await writeFile(path, stringify(inventory));
}

const entryOf = ({ address: { host, port, user, tls }, passwordFile }: DemoServer) => ({ host, port, user, password: `file:${passwordFile}`, tls });
