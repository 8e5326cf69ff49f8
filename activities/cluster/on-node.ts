import type { NodeAgent, NodeOrder } from '../../agent/node-agent.ts';
import type { ClusterNode } from '../../domain/cluster/cluster.ts';
import { OperationError } from '../../domain/errors.ts';
import { connect, type Session } from '../../postgres/connection.ts';
import type { Dependencies } from '../dependencies.ts';
import { beating } from '../step.ts';
import type { NodeLook } from './contract.ts';

export type NodeWork<Order extends NodeOrder, Result> = (agent: NodeAgent, order: Order, signal: AbortSignal) => Promise<Result>;

/** A step on the node of this worker: refused when its epoch is passed, one at a time, heartbeating. */
export const onNode = <Order extends NodeOrder, Result>(deps: Dependencies, name: string, work: NodeWork<Order, Result>) => (order: Order): Promise<Result> => {
  const agent = agentOf(deps);
  return beating(() => ({ step: name, node: agent.node }), () => agent.obey(order, name, (signal) => work(agent, order, signal)));
};

export function agentOf({ agent }: Dependencies): NodeAgent {
  if (agent === undefined) throw new OperationError('bug', 'a step on a node came to a worker that is none');
  return agent;
}

/** What the step gives back: the node as it is now. */
export const lookNow = async (agent: NodeAgent): Promise<NodeLook> => ({ report: await agent.look(), history: await agent.history() });

/** Another node of the cluster as the inventory has it. Throws `name_unknown`. */
export function nodeNamed(agent: NodeAgent, name: string): ClusterNode {
  const found = agent.plan().nodes.find((node) => node.name === name && node.role !== 'witness');
  if (found === undefined) throw new OperationError('name_unknown', `node "${name}" is no data node of cluster "${agent.cluster}"`, { context: { kind: 'node', name } });
  return found;
}

const DIAL_MS = 5000;

/** A superuser's session to another node; the caller closes it. */
export const dial = (agent: NodeAgent, node: string, purpose: string): Promise<Session> => connect(agent.address(node), { purpose, connectTimeoutMs: DIAL_MS });

/** Throws `cluster_unfit` for a data directory that an operation began to rewrite and did not end (HA21). */
export function refuseHalfRewritten(agent: NodeAgent, { operation }: NodeOrder): void {
  const { destructiveStep, rewriteEnded } = agent.journal.facts();
  if (destructiveStep === null || (destructiveStep === operation && rewriteEnded)) return;
  throw new OperationError('cluster_unfit', `the data directory of node "${agent.node}" is half rewritten`, {
    detail: `Operation ${destructiveStep} began to rewrite it and did not end.`,
    hint: `Run \`pgconvoy cluster rejoin ${agent.cluster} ${agent.node} --clone\`; the data directory is moved aside, never deleted.`,
  });
}
