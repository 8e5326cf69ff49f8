/** Step list F: has a standby stream from another node. */
import type { NodeRunResult } from '../../domain/cluster/run/node-run.ts';
import { parseInput } from '../migration-input.ts';
import { quickly } from '../proxies.ts';
import { agentOfNode, answered } from './agent-orders.ts';
import { type FollowNodeInput, followNodeInput } from './node-input.ts';
import { NodeRun } from './node-run.ts';

export async function followNode(input: FollowNodeInput): Promise<NodeRunResult> {
  const wish = parseInput(followNodeInput, input, { cluster: 'shop', node: 'n3', upstream: 'n2', requestedBy: 'your name' });
  const { cluster, node, upstream } = wish;
  const run = new NodeRun('follow', wish);
  return await run.through(async () => {
    const { epoch } = await quickly.beginNodeRun.executeWithOptions({ summary: 'take the cluster' }, [run.order]);
    run.recorded();
    const order = { ...run.nodeOrder(epoch), upstream };
    if (wish.dryRun) return { checks: [await answered(node, agentOfNode(node).checkFollow.executeWithOptions({ summary: `may ${node} follow ${upstream}?` }, [order]))], upstream };
    await run.step('follow', `${node} streams from ${upstream}`, () => answered(node, agentOfNode(node).followNode.executeWithOptions({ summary: `${node} follows ${upstream}` }, [order])));
    const slots = await run.step('register', `write down that ${node} is a standby of ${upstream}`, () => quickly.registerStandby.executeWithOptions({ summary: `register ${node}` }, [{ cluster, node, upstream }]));
    await run.tidySlots(slots, epoch);
    return { upstream };
  });
}
