import { existsSync, globSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { stopDetached } from '../../programs/detached-process.ts';
import type { PostgresCluster } from '../../programs/postgres-cluster.ts';
import { killCluster, stopCluster } from '../../programs/postgres-control.ts';
import { isAlive } from '../../programs/process-state.ts';

/**
 * Everything a demo starts has a folder of its own in the demo's folder, with a `cluster.json` (a Postgres cluster) or a
 * `process.json` (a detached process): the way to end it, whoever started it and whatever became of them.
 */
const PREFIX = 'pgconvoy-demo-';
const KEPT = 'kept';

export async function makeDemoFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // As root, servers run as another account, which has to get in.
  await chmod(folder, 0o755);
  return folder;
}

/** A folder for one part of the demo. */
export async function partFolder(demo: string, part: string): Promise<string> {
  const folder = join(demo, part);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Written before the cluster is started, so that no moment is without a way to end it. */
export const rememberCluster = (folder: string, cluster: PostgresCluster): Promise<void> => writeFile(join(folder, 'cluster.json'), JSON.stringify(cluster));

/** Where `startDetached` is to write its pid file. */
export const processFile = (folder: string): string => join(folder, 'process.json');

/** Ends everything that was started in a demo's folder, and removes it. Fine when all of it is gone. */
export async function endDemo(folder: string): Promise<void> {
  // The worker first: it would complain about all the others.
  for (const file of globSync(join(folder, '*', 'process.json')).toSorted().toReversed()) await stopDetached(file);
  for (const file of globSync(join(folder, '*', 'cluster.json'))) {
    const cluster = JSON.parse(await readFile(file, 'utf8')) as PostgresCluster;
    await stopCluster(cluster, 'immediate').catch(() => killCluster(cluster));
  }
  await rm(folder, { recursive: true, force: true });
}

/** `--keep`: the folder outlives its process until {@link endDemo} is called by hand. */
export const keepDemo = (folder: string): Promise<void> => writeFile(join(folder, KEPT), '');

/** A demo that was killed could not tidy up; the process in its folder's name is gone. */
export async function endDeadDemos(): Promise<void> {
  for (const folder of globSync(join(tmpdir(), `${PREFIX}*`))) {
    const owner = Number(basename(folder).slice(PREFIX.length).split('-')[0]);
    if (!existsSync(join(folder, KEPT)) && !(await isAlive(owner))) await endDemo(folder);
  }
}

/** Whether a path is a demo's folder, before anything in it is ended. */
export const isDemoFolder = (path: string): boolean => basename(path).startsWith(PREFIX) && existsSync(path);
