import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, inject, it } from 'vitest';

import { livingPostmaster, serverProcesses } from '../../programs/cluster/server-processes.ts';
import { freePort } from '../../programs/ports.ts';
import { until } from '../support/bed-wait.ts';
import { privateServer } from '../support/cluster.ts';
import { secretFile } from '../support/inventory-files.ts';
import { uniqueName } from '../support/unique-name.ts';

const PROGRAM = join(import.meta.dirname, '../../workers/main.ts');

function started(args: readonly string[], env: Readonly<Record<string, string>>): { child: ChildProcess; log: () => string; ended: Promise<number | string | null> } {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (more: string) => void (text += more));
  return { child, log: () => text, ended: new Promise((resolve) => void child.once('close', (code, signal) => resolve(code ?? signal))) };
}

it('HA11 an agent begins, keeps its lease and ends when it is told to though neither Temporal nor the catalog is there; its server goes on when it ends', async () => {
  await using server = await privateServer(18);
  const folder = join(inject('runFolder'), uniqueName('agent-process'));
  await mkdir(folder);
  const [dead, temporal] = [await freePort(), await freePort()];
  const cluster = (selfStop: string) => ({
    version: 1,
    clusters: { shop: {
      superuser: { user: 'postgres', password }, replication: { user: 'postgres', password }, lease: { selfStop },
      nodes: { n1: { host: '127.0.0.1', port: server.server.port, dataDir: server.cluster.dataDir }, n2: { host: '127.0.0.1', port: dead, dataDir: join(folder, 'n2') } },
    } },
  });
  const password = await secretFile(folder, 'password', server.server.password!.reveal());
  const inventory = join(folder, 'pgconvoy.yaml');
  await writeFile(inventory, JSON.stringify(cluster('10m')));
  const env = { TEMPORAL_ADDRESS: `127.0.0.1:${temporal}`, PGCONVOY_CATALOG: await secretFile(folder, 'catalog', `postgres://nobody@127.0.0.1:${dead}/none?sslmode=disable`), PGCONVOY_STATE: folder };

  const first = started(['--role=node:n1', `--inventory=${inventory}`], env);
  await until('an attempt at Temporal', async () => first.log().includes('takes no orders'), async () => first.log());
  expect(first.log()).toContain('the agent of node n1 is on watch');
  first.child.kill('SIGTERM');
  expect(await first.ended, first.log()).toBe(0);
  expect(await livingPostmaster(server.cluster.dataDir)).toBeGreaterThan(0);

  await writeFile(inventory, JSON.stringify(cluster('2s')));
  const second = started(['--role=node:n1,node:n2', `--inventory=${inventory}`], env);
  await until('the stop of the server', async () => second.log().includes('has stopped its own server'), async () => second.log());
  expect(serverProcesses(server.cluster.dataDir)).toEqual([]);
  second.child.kill('SIGTERM');
  expect(await second.ended).toBe(0);
});
