import { globSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';
import { inject } from 'vitest';

import { type ClusterWorld, openClusterWorld, type WorldWish } from '../../scripts/cluster-world/cluster-world.ts';
import { uniqueName } from './unique-name.ts';

export interface CommandEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A cluster of a test's own, with its agents and a worker as processes. */
export interface ClusterBed extends ClusterWorld {
  /** Runs the command line with the bed's inventory, catalog and Temporal. */
  pgconvoy(...words: readonly string[]): Promise<CommandEnd>;
}

export interface ClusterBedWish extends Omit<WorldWish, 'folder'> {
  /** Whether agents are started on all nodes. Default true. */
  readonly agents?: boolean;
  /** Whether a worker is started. Default true. */
  readonly worker?: boolean;
}

const CLI = join(import.meta.dirname, '../../cli/main.ts');

/** Where namespaces are asked for and cannot be made, it fails and says what is missing. */
export async function openClusterBed({ agents = true, worker = true, ...wish }: ClusterBedWish = {}): Promise<ClusterBed> {
  await using made = new AsyncDisposableStack();
  const name = uniqueName('cluster');
  made.defer(async () => void (await Promise.all(globSync(join(inject('runFolder'), `${name}-*`)).map((folder) => rm(folder, { recursive: true, force: true })))));
  const world = made.use(await openClusterWorld({ ...wish, folder: (part) => join(inject('runFolder'), `${name}-${part}`) }));
  await Promise.all([...(agents ? world.nodes.map((node) => world.startAgent(node.name)) : []), ...(worker ? [world.startWorker()] : [])]);
  const parts = made.move();
  return {
    ...world,
    pgconvoy: async (...words) => {
      const { exitCode, stdout, stderr } = await execa(process.execPath, [CLI, ...words], { env: { ...world.env, NO_COLOR: '1' }, reject: false, stdin: 'ignore' });
      return { exitCode: exitCode ?? -1, stdout, stderr };
    },
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  };
}
