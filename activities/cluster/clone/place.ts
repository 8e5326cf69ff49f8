import { existsSync } from 'node:fs';
import { readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { NodeAgent } from '../../../agent/node-agent.ts';
import { OperationError } from '../../../domain/errors.ts';
import { syncFolder } from '../../../programs/cluster/durable-file.ts';
import { writeConfiguration } from '../../../programs/cluster/node-configuration.ts';
import { makeStandby } from '../../../programs/cluster/standby-signal.ts';
import { wantedConfiguration } from '../node-configuration.ts';
import { nodeNamed } from '../on-node.ts';
import { stopOnPurpose } from '../start-stop.ts';
import { sourceOf } from '../streaming.ts';
import type { CloneOrder } from './clone-node.ts';
import { type CloneLedger, keepLedger, readLedger } from './ledger.ts';

export const sideFolderOf = (dataDir: string, operation: string): string => `${dataDir}.pgconvoy-clone-${operation}`;
export const beforeFolderOf = (dataDir: string, operation: string): string => `${dataDir}.before-${operation}`;

const STOP_MS = 60_000;

/** Makes the verified copy a standby and the data directory (A4). Renames are looked at before they are done again. */
export async function place(agent: NodeAgent, order: CloneOrder): Promise<CloneLedger> {
  const ledger = await readLedger(agent, order);
  if (ledger.stage === 'placed') return ledger;
  const server = await agent.server();
  const side = sideFolderOf(server.dataDir, order.operation);
  await agent.journal.keep({ destructiveStep: order.operation, rewriteEnded: false });
  let movedAside: string | null = existsSync(beforeFolderOf(server.dataDir, order.operation)) ? beforeFolderOf(server.dataDir, order.operation) : null;
  if (existsSync(side)) {
    await makeReady(agent, order, side);
    movedAside ??= await makeRoom(agent, order);
    await rename(side, server.dataDir);
    await syncFolder(dirname(server.dataDir));
  }
  const placed = await keepLedger(agent, order, { ...ledger, stage: 'placed', movedAside });
  await agent.journal.keep({ destructiveStep: order.operation, rewriteEnded: true });
  return placed;
}

/** The copy brings the configuration of its source: it gets its own before it is where a server would start from it. */
async function makeReady(agent: NodeAgent, order: CloneOrder, side: string): Promise<void> {
  const aside = { ...(await agent.server()), dataDir: side };
  await writeConfiguration(aside, await wantedConfiguration(agent));
  await makeStandby(aside, await sourceOf(agent, nodeNamed(agent, order.upstream)));
  await Promise.all(['postmaster.pid', 'postmaster.opts', 'backup_manifest', 'current_logfiles'].map((name) => rm(join(side, name), { force: true })));
}

/** What is in the way is moved aside when that was ordered, and never deleted. */
async function makeRoom(agent: NodeAgent, order: CloneOrder): Promise<string | null> {
  const { dataDir } = await agent.server();
  if (order.replace !== true) await refuseOccupied(dataDir);
  if (!existsSync(dataDir)) return null;
  if ((await readdir(dataDir)).length === 0) {
    await rmdir(dataDir);
    return null;
  }
  await stopOnPurpose(agent, 'fast', STOP_MS);
  await rename(dataDir, beforeFolderOf(dataDir, order.operation));
  return beforeFolderOf(dataDir, order.operation);
}

/** Throws `target_not_empty` for a data directory that holds anything. */
export async function refuseOccupied(dataDir: string): Promise<void> {
  const there = await readdir(dataDir).catch(() => []);
  if (there.length === 0) return;
  throw new OperationError('target_not_empty', `data directory ${dataDir} is not empty`, { hint: 'Move it away; `pgconvoy cluster rejoin --clone` moves that of a node aside by itself.' });
}
