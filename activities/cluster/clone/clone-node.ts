import type { NodeAgent } from '../../../agent/node-agent.ts';
import { verifyManifest } from '../../../programs/cluster/backup-manifest.ts';
import { HAS_MANIFEST, takeBaseBackup } from '../../../programs/cluster/base-backup.ts';
import { folderBytes } from '../../../programs/cluster/folder-bytes.ts';
import { serverProcesses } from '../../../programs/cluster/server-processes.ts';
import type { Dependencies } from '../../dependencies.ts';
import type { NodeLook, NodeSteps } from '../contract.ts';
import { lookNow, nodeNamed, onNode } from '../on-node.ts';
import { startAsStandby } from '../start-stop.ts';
import { ensureSlotAt, isStreamingFrom } from '../streaming.ts';
import { keepLedger, readLedger } from './ledger.ts';
import { place, refuseOccupied, sideFolderOf } from './place.ts';

export type CloneOrder = Parameters<NodeSteps['cloneNode']>[0];
type Cloned = NodeLook & { readonly bytes: number; readonly movedAside: string | null };

export const cloneNode = (deps: Dependencies): NodeSteps['cloneNode'] => onNode(deps, 'cloneNode', clone);

/** Step list A. Each attempt goes on where the last one broke: half a side folder is wiped, a whole one is placed, a placed one is started. */
export async function clone(agent: NodeAgent, order: CloneOrder, signal: AbortSignal): Promise<Cloned> {
  const ledger = await readLedger(agent, order);
  const server = await agent.server();
  // The step was done, and only its answer was lost.
  if (ledger.stage === 'none' && order.replace !== true && serverProcesses(server.dataDir).length > 0 && (await isStreamingFrom(agent, nodeNamed(agent, order.upstream)))) return { ...(await lookNow(agent)), bytes: 0, movedAside: null };
  if (ledger.stage === 'none') await copy(agent, order, signal);
  const placed = await place(agent, order);
  await startAsStandby(agent, order.upstream, signal);
  await agent.journal.keep({ destructiveStep: null, rewriteEnded: false });
  return { ...(await lookNow(agent)), bytes: placed.bytes, movedAside: placed.movedAside };
}

/** The slot comes first: from then on the upstream keeps what the copy will need (A2). */
async function copy(agent: NodeAgent, order: CloneOrder, signal: AbortSignal): Promise<void> {
  const server = await agent.server();
  if (order.replace !== true) await refuseOccupied(server.dataDir);
  await ensureSlotAt(agent, nodeNamed(agent, order.upstream));
  const { host, port } = nodeNamed(agent, order.source);
  const folder = sideFolderOf(server.dataDir, order.operation);
  await takeBaseBackup(server, { login: { host, port, user: agent.plan().replicationUser, password: agent.replicationPassword() }, folder, signal });
  if (server.installation.major >= HAS_MANIFEST) await verifyManifest(server, folder, signal);
  await keepLedger(agent, order, { stage: 'verified', bytes: await folderBytes(folder), movedAside: null });
}
