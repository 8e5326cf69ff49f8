/** Makes the first primary of a cluster: data directory, roles, configuration; and writes down that the cluster is there. */
import { epochOf } from '../../domain/cluster/epoch.ts';
import type { NodeRunResult } from '../../domain/cluster/run/node-run.ts';
import { failWith } from '../failure.ts';
import { parseInput } from '../migration-input.ts';
import { quickly } from '../proxies.ts';
import { agentOfNode, answered } from './agent-orders.ts';
import { type InitClusterInput, initClusterInput } from './node-input.ts';
import { NodeRun } from './node-run.ts';

export async function initCluster(input: InitClusterInput): Promise<NodeRunResult> {
  const wish = parseInput(initClusterInput, input, { cluster: 'shop', node: 'n1', requestedBy: 'your name' });
  const run = new NodeRun('init', wish);
  return await run.through(async () => {
    await quickly.beginInit.executeWithOptions({ summary: 'is there none yet?' }, [run.order]);
    run.recorded();
    if (wish.dryRun) return { checks: await checks(run) };
    const { report } = await run.step('init', `make node ${wish.node}`, () => answered(wish.node, agentOfNode(wish.node).initNode.executeWithOptions({ summary: `make node ${wish.node}` }, [run.nodeOrder(epochOf(1))])));
    const { ok: control } = 'ok' in report.control ? report.control : { ok: undefined };
    if (control === undefined) throw failWith('node_failed', `pg_control of node "${wish.node}" cannot be read`);
    await run.step('record', 'write down the cluster and its first primary', () => quickly.recordFirstPrimary.executeWithOptions({ summary: 'first primary' }, [{ ...run.order, systemIdentifier: control.systemIdentifier }]), ({ epoch }) => `epoch ${epoch}`);
    return {};
  });
}

const checks = (run: NodeRun) => {
  const { node } = run.wish;
  return answered(node, agentOfNode(node).checkInit.executeWithOptions({ summary: `look at node ${node}` }, [{ cluster: run.wish.cluster }]));
};
