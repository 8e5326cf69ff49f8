/** Step list A: makes a node a standby by copying another. */
import { CancellationScope } from '@temporalio/workflow';

import type { NodeRunResult } from '../../domain/cluster/run/node-run.ts';
import { bytesText } from '../../domain/migration/progress.ts';
import { failWith } from '../failure.ts';
import { parseInput } from '../migration-input.ts';
import { quickly } from '../proxies.ts';
import { agentOfNode, answered } from './agent-orders.ts';
import { type CloneNodeInput, cloneNodeInput } from './node-input.ts';
import { NodeRun } from './node-run.ts';

export async function cloneNode(input: CloneNodeInput): Promise<NodeRunResult> {
  const wish = parseInput(cloneNodeInput, input, { cluster: 'shop', node: 'n2', requestedBy: 'your name' });
  const { cluster, node, replace } = wish;
  const run = new NodeRun('clone', wish);
  return await run.through(async () => {
    const { epoch, primary, upstream } = await quickly.beginNodeRun.executeWithOptions({ summary: 'take the cluster' }, [run.order]);
    run.recorded();
    const order = { ...run.nodeOrder(epoch), source: wish.from ?? primary, upstream, replace };
    const checks = await run.step('preflight', 'look before anything is changed', () => answered(node, agentOfNode(node).checkClone.executeWithOptions({ summary: `can ${node} be cloned?` }, [order])), (all) => `${all.filter(({ ok }) => ok).length} of ${all.length} checks hold`);
    if (wish.dryRun) return { checks, upstream };
    const broken = checks.filter(({ ok }) => !ok);
    if (broken.length > 0) throw failWith('cluster_unfit', `node "${node}" cannot be cloned`, { detail: broken.map(({ check, reason }) => `${check}: ${reason}`).join('\n'), ...(broken[0]!.remedy === null ? {} : { hint: broken[0]!.remedy }) });
    const cloned = await cloneOrUndo(run, order);
    const slots = await run.step('register', `write down that ${node} is a standby of ${upstream}`, () => quickly.registerStandby.executeWithOptions({ summary: `register ${node}` }, [{ cluster, node, upstream }]));
    await run.tidySlots(slots, epoch);
    return { checks, upstream, bytes: cloned.bytes, movedAside: cloned.movedAside };
  });
}

type CloneOrder = ReturnType<NodeRun['nodeOrder']> & { readonly source: string; readonly upstream: string; readonly replace: boolean };

/** A clone that fails, or is cancelled, before it is in place leaves nothing behind; an agent that cannot be asked for that leaves it to the next clone. */
async function cloneOrUndo(run: NodeRun, order: CloneOrder): Promise<{ readonly bytes: number; readonly movedAside: string | null }> {
  const { node } = run.wish;
  try {
    return await run.step('clone', `copy ${order.source} to ${node} and start it as a standby of ${order.upstream}`, () => answered(node, agentOfNode(node).cloneNode.executeWithOptions({ summary: `clone ${node} from ${order.source}` }, [order])), ({ bytes }) => bytesText(bytes));
  } catch (error) {
    await CancellationScope.nonCancellable(() => answered(node, agentOfNode(node).undoClone.executeWithOptions({ summary: 'take the clone back' }, [order]))).catch(() => undefined);
    throw error;
  }
}
