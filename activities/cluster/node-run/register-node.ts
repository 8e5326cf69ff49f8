import { appendAudit } from '../../../catalog/audit.ts';
import { releaseCluster } from '../../../catalog/cluster/lock.ts';
import { listNodes, registerNode } from '../../../catalog/cluster/nodes.ts';
import { keepStep } from '../../../catalog/cluster/steps.ts';
import { endRun, readRun, type RunEnd as KeptEnd } from '../../../catalog/runs.ts';
import { declarationOf } from '../../../domain/cluster/node.ts';
import type { RunPhase } from '../../../domain/cluster/run/machine.ts';
import type { NodeRunKind } from '../../../domain/cluster/run/node-run.ts';
import { OperationError } from '../../../domain/errors.ts';
import { plannedSlots, slotNameOf } from '../../../domain/cluster/slots.ts';
import type { Dependencies } from '../../dependencies.ts';
import { dataNode } from './begin-node-run.ts';

export interface SlotOrder {
  readonly node: string;
  readonly planned: readonly string[];
  readonly keep: readonly string[];
}

/** Writes down from which node a standby streams now, and gives which slots every registered node is to have after that (C7). */
export const registerStandby =
  (deps: Dependencies) =>
  async ({ cluster, node, upstream }: { readonly cluster: string; readonly node: string; readonly upstream: string }): Promise<readonly SlotOrder[]> => {
    const plan = await deps.cluster(cluster);
    await registerNode(deps.catalog, cluster, { ...declarationOf(dataNode(plan.nodes, cluster, node)), role: 'standby', upstream });
    const nodes = (await listNodes(deps.catalog, cluster)).map(({ declaration }) => declaration);
    const primary = nodes.find(({ role }) => role === 'primary')?.name ?? null;
    // A standby that is registered with no upstream streams from the primary.
    const placed = nodes.map((one) => ({ ...one, upstream: one.upstream ?? (one.name === primary ? null : primary) }));
    // A node that is in the inventory and not registered yet may be on its way.
    const coming = plan.nodes.filter(({ name, role }) => role !== 'witness' && !nodes.some((one) => one.name === name)).map(({ name }) => slotNameOf(name));
    return placed.filter(({ role }) => role !== 'witness').map(({ name }) => ({ node: name, planned: plannedSlots(name, placed), keep: coming }));
  };

/** The journal of a run. */
export const keepNodeStep =
  (deps: Dependencies) =>
  async ({ operation, step, phase, facts }: { readonly operation: string; readonly step: string; readonly phase: RunPhase; readonly facts: unknown }): Promise<void> => {
    await keepStep(deps.catalog, operation, { step, phase, facts });
  };

export interface NodeRunEnd {
  readonly operation: string;
  readonly kind: NodeRunKind;
  readonly cluster: string;
  readonly node: string;
  readonly requestedBy: string;
  readonly end: KeptEnd;
}

/** Lets go of the cluster, and writes down how the run ended. Again it changes nothing; a run that never began leaves no trace. */
export const endNodeRun =
  (deps: Dependencies) =>
  async ({ operation, kind, cluster, node, requestedBy, end }: NodeRunEnd): Promise<void> => {
    await releaseCluster(deps.catalog, cluster, operation);
    if (!(await isRecorded(deps, operation))) return;
    await endRun(deps.catalog, operation, end);
    await appendAudit(deps.catalog, { eventId: `${operation}/end`, actor: requestedBy, action: `cluster.${kind}.${end.state}`, object: `node ${node}`, runId: operation, detail: { cluster, result: end.result ?? null, error: end.error ?? null }, result: end.state === 'failed' ? 'failed' : 'done' });
  };

const isRecorded = async (deps: Dependencies, operation: string): Promise<boolean> =>
  await readRun(deps.catalog, operation).then(() => true, (error: unknown) => {
    if (error instanceof OperationError && error.code === 'run_unknown') return false;
    throw error;
  });
