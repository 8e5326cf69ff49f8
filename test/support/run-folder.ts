import { globSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopDetached } from '../../programs/detached-process.ts';
import { killCluster, stopCluster } from '../../programs/postgres-control.ts';
import type { PostgresCluster } from '../../programs/postgres-cluster.ts';
import { isAlive } from '../../programs/process-state.ts';
import { runProgram } from '../../programs/run-program.ts';
import { sweepNetworks } from '../../scripts/cluster-world/namespace-network.ts';

/**
 * One folder per vitest run holds everything that run starts. Each thing in it has a folder of its own, with a
 * `cluster.json` (a Postgres cluster) or `process.json` (a detached process): the way to end it whoever started it.
 */
const PREFIX = 'pgconvoy-test-';
const ONCE_TIMEOUT_MS = 300_000;

export async function makeRunFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // As root, servers run as another account, which has to get in.
  await chmod(folder, 0o755);
  return folder;
}

/** Ends everything that was started in a run's folder, and removes it. */
export async function removeRun(folder: string): Promise<void> {
  // Workers and agents first: they start servers again. What is killed here keeps no state.
  for (const file of globSync(join(folder, '*', 'process.json')).toSorted().toReversed()) await stopDetached(file);
  for (const file of globSync(join(folder, '*', 'cluster.json'))) {
    await endCluster(JSON.parse(await readFile(file, 'utf8')) as PostgresCluster);
  }
  await unmountBelow(folder);
  await rm(folder, { recursive: true, force: true });
}

/** Small disks that tests mount are busy for whoever removes their folder; a test that was killed has left them mounted. */
async function unmountBelow(folder: string): Promise<void> {
  const mounts = (await readFile('/proc/mounts', 'utf8').catch(() => '')).split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const place of mounts.filter((one) => one.startsWith(`${folder}/`)).toReversed()) await runProgram({ program: 'umount', args: ['--lazy', place], answers: [1, 32] });
}

/** Not killed, if that can be helped: a killed server leaves a piece of shared memory on the machine. */
export async function endCluster(cluster: PostgresCluster): Promise<void> {
  await stopCluster(cluster, 'immediate').catch(() => killCluster(cluster));
}

/** A run that was killed could not tidy up; the process in its folder's name is gone. */
export async function removeDeadRuns(): Promise<void> {
  await sweepNetworks();
  for (const folder of globSync(join(tmpdir(), `${PREFIX}*`))) {
    const owner = Number(basename(folder).slice(PREFIX.length).split('-')[0]);
    if (await isAlive(owner)) continue;
    // What cannot be removed is no reason to run no test: it is said, and tried again by the next run.
    await removeRun(folder).catch((error: unknown) => process.stderr.write(`could not remove ${folder} of a run that was killed: ${String(error)}\n`));
  }
}

/** Makes something once per run, however many test processes ask for it: the first makes it, the others get its facts. */
export async function oncePerRun<T>(factsFile: string, make: () => Promise<T>): Promise<T> {
  await mkdir(dirname(factsFile), { recursive: true });
  try {
    await mkdir(`${factsFile}.lock`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return await awaitFacts<T>(factsFile);
    throw error;
  }
  const facts = await make();
  await writeFile(`${factsFile}.new`, JSON.stringify(facts));
  await rename(`${factsFile}.new`, factsFile);
  return facts;
}

async function awaitFacts<T>(factsFile: string): Promise<T> {
  for (let waited = 0; waited < ONCE_TIMEOUT_MS; waited += 100) {
    const text = await readFile(factsFile, 'utf8').catch(() => undefined);
    if (text !== undefined) return JSON.parse(text) as T;
    await sleep(100);
  }
  throw new Error(`${basename(factsFile)} did not come about; another test process failed to make it`);
}
