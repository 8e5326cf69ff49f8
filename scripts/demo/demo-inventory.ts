import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { stringify } from 'yaml';

import type { DemoServer } from './demo-servers.ts';

export const MIGRATION = 'shop';
export const DATABASE = 'shop';

export interface DemoPlan {
  readonly source: DemoServer;
  readonly target: DemoServer;
  /** What stands under `cutover.route`. */
  readonly route: object;
}

/** Writes the inventory as an operator would write it, with approval and commit left to the run. */
export async function writeDemoInventory(path: string, { source, target, route }: DemoPlan): Promise<void> {
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
        cutover: { route },
      },
    },
  };
  await writeFile(path, stringify(inventory));
}

/** A switch of the route by a command of the operator's own, which rewrites the file that the application reads. */
export const commandRoute = (routeFile: string): object => ({ kind: 'command', command: ['/bin/sh', fileURLToPath(new URL('route-hook.sh', import.meta.url)), routeFile] });

const entryOf = ({ address: { host, port, user, tls }, passwordFile }: DemoServer) => ({ host, port, user, password: `file:${passwordFile}`, tls });
