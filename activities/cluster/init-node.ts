import { existsSync } from 'node:fs';
import { readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { NodeAgent, NodeOrder } from '../../agent/node-agent.ts';
import type { NodeCheck } from '../../domain/cluster/run/node-run.ts';
import { OperationError } from '../../domain/errors.ts';
import { lineDiff } from '../../domain/text-diff.ts';
import { ensureDatabase, ensureRole } from '../../postgres/cluster/cluster-roles.ts';
import { readControlData } from '../../programs/cluster/control-data.ts';
import { readIfThere, syncFolder, writeDurably } from '../../programs/cluster/durable-file.ts';
import { writeConfiguration } from '../../programs/cluster/node-configuration.ts';
import { createCluster } from '../../programs/postgres-cluster.ts';
import type { Dependencies } from '../dependencies.ts';
import type { NodeLook, NodeSteps } from './contract.ts';
import { passwordFor, wantedConfiguration } from './node-configuration.ts';
import { agentOf, lookNow, onNode } from './on-node.ts';
import { startAs } from './start-stop.ts';

export const initNode = (deps: Dependencies): NodeSteps['initNode'] => onNode(deps, 'initNode', initialize);

/** Made in a folder beside, and renamed when it is whole: what a broken attempt has left is never taken for a data directory. */
export async function initialize(agent: NodeAgent, order: NodeOrder, signal: AbortSignal): Promise<NodeLook> {
  if (!(await isOurs(agent, order))) await create(agent, order);
  await startAs(agent, { ...order, as: 'primary' }, signal);
  await makeRoles(agent);
  return await lookNow(agent);
}

export const checkInit = (deps: Dependencies): NodeSteps['checkInit'] => () => lookBeforeInit(agentOf(deps));

/** What `cluster init` would make here. */
export async function lookBeforeInit(agent: NodeAgent): Promise<readonly NodeCheck[]> {
  const { dataDir, installation, port } = await agent.server();
  const there = (await readdir(dataDir).catch(() => [])).length;
  const { settings, hba } = await wantedConfiguration(agent);
  return [
    { check: 'programs', ok: true, reason: `PostgreSQL ${installation.version} in ${installation.binDir}.`, remedy: null },
    { check: 'directory', ok: there === 0, reason: there === 0 ? `Nothing is in the way at ${dataDir}.` : `${dataDir} is not empty.`, remedy: there === 0 ? null : 'Register what runs there with `pgconvoy cluster register`, or move it away.' },
    { check: 'address', ok: true, reason: `It will listen at ${agent.self().host}:${port}.`, remedy: null },
    { check: 'configuration', ok: true, reason: [...lineDiff('', settings), ...lineDiff('', hba)].join('\n'), remedy: null },
  ];
}

const recordOf = (agent: NodeAgent, { operation }: NodeOrder): string => join(agent.stateDir, `init-${operation}`);

/** Whether an earlier attempt of this operation has made what is there. */
async function isOurs(agent: NodeAgent, order: NodeOrder): Promise<boolean> {
  const made = await readIfThere(recordOf(agent, order));
  const server = await agent.server();
  return made !== '' && existsSync(join(server.dataDir, 'PG_VERSION')) && (await readControlData(server)).systemIdentifier === made;
}

async function create(agent: NodeAgent, order: NodeOrder): Promise<void> {
  const server = await agent.server();
  const aside = `${server.dataDir}.pgconvoy-init-${order.operation}`;
  await rm(aside, { recursive: true, force: true });
  const { user, port } = agent.address(agent.node);
  await createCluster({ ...server, port, dataDir: aside, superuser: user, password: passwordFor(agent, 'superuser'), dataChecksums: true });
  await writeConfiguration({ ...server, dataDir: aside }, await wantedConfiguration(agent));
  await writeDurably(recordOf(agent, order), (await readControlData({ ...server, dataDir: aside })).systemIdentifier, undefined);
  await makeRoom(server.dataDir);
  await rename(aside, server.dataDir);
  await syncFolder(dirname(server.dataDir));
}

/** An empty folder, as a package or an operator makes it, gives way; anything else stays. */
async function makeRoom(dataDir: string): Promise<void> {
  await rmdir(dataDir).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
    throw new OperationError('target_not_empty', `data directory ${dataDir} is not empty`, { hint: 'Register what runs there with `pgconvoy cluster register`, or move it away.' });
  });
}

async function makeRoles(agent: NodeAgent): Promise<void> {
  const session = await agent.session();
  const { replicationUser, applicationUser, database } = agent.plan();
  await ensureRole(session, { name: replicationUser, password: passwordFor(agent, 'replication'), replication: true });
  if (applicationUser !== null) await ensureRole(session, { name: applicationUser, password: agent.applicationPassword(), replication: false });
  await ensureDatabase(session, database, applicationUser);
}
