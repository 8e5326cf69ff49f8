import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { NodeAgent } from '../../../agent/node-agent.ts';
import type { DrillKind } from '../../../domain/cluster/drill/plan.ts';
import { OperationError } from '../../../domain/errors.ts';
import { killTree, send } from '../../../programs/cluster/kill-tree.ts';
import { livingPostmaster, serverProcesses } from '../../../programs/cluster/server-processes.ts';
import { fillWalDisk, freeWalDisk } from '../../../programs/cluster/wal-disk.ts';

/** Faults that the agent of a node makes; the others are made from outside. */
export type NodeFault = Exclude<DrillKind, 'planned' | 'partition'>;

export interface FaultProof {
  readonly injected: boolean;
  /** One sentence with numbers. */
  readonly proof: string;
}

const KILL_MS = 10_000;
const GONE_MS = 10_000;
const LOOK_EVERY_MS = 5;

/** Makes a fault on the server of this node, and proves that it was there. */
export async function makeFault(agent: NodeAgent, kind: NodeFault, { freezeMs }: { readonly freezeMs: number }): Promise<FaultProof> {
  const { dataDir } = await agent.server();
  switch (kind) {
    case 'kill-tree': {
      const before = serverProcesses(dataDir).length;
      const left = await killTree(dataDir, KILL_MS);
      return { injected: before > 0 && left === 0, proof: `Killed ${before} processes; ${left} were left.` };
    }
    case 'kill-postmaster':
    case 'immediate-stop':
      return await signalPostmaster(dataDir, kind === 'kill-postmaster' ? 'SIGKILL' : 'SIGQUIT');
    case 'freeze':
      return await startFreeze(agent, dataDir, freezeMs);
    case 'disk-full': {
      const bytes = await fillWalDisk(dataDir);
      return { injected: bytes > 0, proof: `Filled the disk of pg_wal with ${bytes} bytes.` };
    }
  }
}

async function signalPostmaster(dataDir: string, signal: 'SIGKILL' | 'SIGQUIT'): Promise<FaultProof> {
  const pid = await livingPostmaster(dataDir);
  if (pid === undefined) return { injected: false, proof: 'There was no postmaster.' };
  send(pid, signal);
  const deadline = performance.now() + GONE_MS;
  while ((await livingPostmaster(dataDir)) !== undefined && performance.now() < deadline) await sleep(LOOK_EVERY_MS);
  const gone = (await livingPostmaster(dataDir)) === undefined;
  return { injected: gone, proof: `Sent ${signal} to the postmaster ${pid}, which is ${gone ? 'gone' : 'still there'}.` };
}

const HELPER = join(import.meta.dirname, '../../../programs/cluster/freeze-server.ts');
const proofFile = (agent: NodeAgent): string => join(agent.stateDir, 'freeze.json');

/** By a program of its own: the agent is frozen as well. What it proves is read when everything goes on. */
async function startFreeze(agent: NodeAgent, dataDir: string, freezeMs: number): Promise<FaultProof> {
  await rm(proofFile(agent), { force: true });
  const child = spawn(process.execPath, [HELPER, dataDir, String(process.pid), String(freezeMs), proofFile(agent)], { detached: true, stdio: 'ignore' });
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  child.unref();
  return { injected: true, proof: `All processes of the node stop for ${freezeMs} ms.` };
}

/** Takes back what does not heal by itself; fine when there is nothing of it. */
export async function takeFaultBack(agent: NodeAgent, kind: NodeFault): Promise<FaultProof> {
  const { dataDir } = await agent.server();
  if (kind === 'disk-full') {
    await freeWalDisk(dataDir);
    return { injected: true, proof: 'The disk of pg_wal is free again.' };
  }
  if (kind !== 'freeze') return { injected: true, proof: 'Nothing is to be taken back; the cluster heals it.' };
  for (const { pid } of serverProcesses(dataDir)) send(pid, 'SIGCONT');
  const text = await readFile(proofFile(agent), 'utf8').catch(() => undefined);
  if (text === undefined) throw new OperationError('node_failed', `nothing proves that node "${agent.node}" was frozen`);
  const { stopped, running } = JSON.parse(text) as { stopped: number; running: number };
  return { injected: running === 0, proof: `${stopped} processes of the server were stopped, ${running} were not; all go on.` };
}
