/** Step list E: brings a node back as a standby that was stopped, lost or left behind, with as little as its log allows. */
import type { Epoch } from '../../domain/cluster/epoch.ts';
import type { NodeRunResult } from '../../domain/cluster/run/node-run.ts';
import { failWith } from '../failure.ts';
import { parseInput } from '../migration-input.ts';
import { quickly } from '../proxies.ts';
import { agentOfNode, answered } from './agent-orders.ts';
import { type RejoinNodeInput, rejoinNodeInput } from './node-input.ts';
import { NodeRun, type NodeRunFindings } from './node-run.ts';

const STOP_MS = 60_000;

export async function rejoinNode(input: RejoinNodeInput): Promise<NodeRunResult> {
  const wish = parseInput(rejoinNodeInput, input, { cluster: 'shop', node: 'n1', requestedBy: 'your name' });
  const { cluster, node } = wish;
  const run = new NodeRun('rejoin', wish);
  return await run.through(async () => {
    const { epoch, primary, upstream } = await quickly.beginNodeRun.executeWithOptions({ summary: 'take the cluster' }, [run.order]);
    run.recorded();
    if (wish.dryRun) return { verdict: await judge(run, epoch, primary), upstream };
    const found = wish.clone ? await cloneAnew(run, { epoch, primary, upstream }) : await bringBack(run, epoch, primary);
    if (!wish.clone && upstream !== primary) await run.step('follow', `follow ${upstream}`, () => answered(node, agentOfNode(node).followNode.executeWithOptions({ summary: `${node} follows ${upstream}` }, [{ ...run.nodeOrder(epoch), upstream }])));
    const slots = await run.step('register', `write down that ${node} is a standby of ${upstream}`, () => quickly.registerStandby.executeWithOptions({ summary: `register ${node}` }, [{ cluster, node, upstream }]));
    await run.tidySlots(slots, epoch);
    return { ...found, upstream };
  });
}

/** What was asked for is said in the verdict too, so that the audit has it. */
async function cloneAnew(run: NodeRun, { epoch, primary, upstream }: { epoch: Epoch; primary: string; upstream: string }): Promise<NodeRunFindings> {
  const { node } = run.wish;
  const order = { ...run.nodeOrder(epoch), source: primary, upstream, replace: true };
  const { bytes, movedAside } = await run.step('clone', `copy ${primary} to ${node}; its data directory is moved aside`, () => answered(node, agentOfNode(node).cloneNode.executeWithOptions({ summary: `clone ${node} from ${primary}` }, [order])), (cloned) => cloned.movedAside);
  return { bytes, movedAside };
}

async function bringBack(run: NodeRun, epoch: Epoch, primary: string): Promise<NodeRunFindings> {
  const { node } = run.wish;
  await run.step('stop', `stop ${node} if it runs as a second primary`, () => stopSecondPrimary(run, epoch), (stopped) => (stopped ? 'it did' : null));
  const verdict = await run.step('judge', `compare the log of ${node} with that of ${primary}`, () => judge(run, epoch, primary), ({ action, relation, reason }) => `${relation}: ${action}. ${reason}`);
  if (verdict.action === 'clone') throw failWith('rewind_impossible', `node "${node}" cannot be rewound`, { detail: verdict.reason, hint: `Run \`pgconvoy cluster rejoin ${run.wish.cluster} ${node} --clone\`; its data directory is moved aside, never deleted.` });
  const { evidence } = await run.step('rewind', `bring ${node} back as a standby of ${primary}`, () => answered(node, agentOfNode(node).rewindNode.executeWithOptions({ summary: `bring ${node} back` }, [{ ...run.nodeOrder(epoch), primary }])), (done) => (done.evidence === null ? null : `evidence in ${done.evidence}`));
  return { verdict, evidence };
}

/** A standby is stopped by the steps that follow, and only when it has to be. */
async function stopSecondPrimary(run: NodeRun, epoch: Epoch): Promise<boolean> {
  const { cluster, node } = run.wish;
  const { report } = await answered(node, agentOfNode(node).observeNode.executeWithOptions({ summary: `look at ${node}` }, [{ cluster }]));
  if (!('ok' in report.server) || report.server.ok.inRecovery) return false;
  await answered(node, agentOfNode(node).stopNode.executeWithOptions({ summary: `stop ${node}` }, [{ ...run.nodeOrder(epoch), mode: 'fast', withinMs: STOP_MS }]));
  return true;
}

async function judge(run: NodeRun, epoch: Epoch, primary: string): Promise<NonNullable<NodeRunResult['verdict']>> {
  const { node } = run.wish;
  const { action, relation, reason } = await answered(node, agentOfNode(node).judgeRejoinOf.executeWithOptions({ summary: `how does ${node} lie to ${primary}?` }, [{ ...run.nodeOrder(epoch), primary }]));
  return { action, relation: relation.relation, reason };
}
