import { setTimeout as sleep } from 'node:timers/promises';

import { claimPromotion } from '../../../catalog/cluster/epochs.ts';
import { keepStep, readSteps } from '../../../catalog/cluster/steps.ts';
import type { ClusterPlan } from '../../../domain/cluster/cluster.ts';
import type { Epoch } from '../../../domain/cluster/epoch.ts';
import type { PromotionDecision } from '../../../domain/cluster/failover/decide.ts';
import type { Promoted, PromotionOutcome } from '../../../domain/cluster/failover/incident.ts';
import { spokenBy } from '../../../domain/cluster/failover/assess.ts';
import { printSynchronousNames } from '../../../domain/cluster/synchronous/names.ts';
import { namesFor } from '../../../domain/cluster/synchronous/recompute.ts';
import { OperationError } from '../../../domain/errors.ts';
import { readSynchronousStandbyNames, setSynchronousStandbyNames } from '../../../postgres/cluster/primary-orders.ts';
import { orderPromotion, writtenTimeline } from '../../../postgres/cluster/promotion.ts';
import { connect, type Session } from '../../../postgres/connection.ts';
import type { Dependencies } from '../../dependencies.ts';
import { awaitWritable, promoteClaimed } from '../switchover/finish-promotion.ts';
import type { HeldRoute } from './held-route.ts';
import type { JudgedLook, PromoteInput } from './promote-best.ts';
import type { Scene } from './scene.ts';

type Chosen = JudgedLook & { readonly decision: Extract<PromotionDecision, { action: 'promote' }> };

export interface Promotion {
  readonly scene: Scene;
  readonly input: PromoteInput;
  readonly route: HeldRoute;
  readonly look: Chosen;
  /** Since the step began. */
  readonly elapsedMs: () => number;
  readonly way: (node: string) => Promise<Session>;
}

/** D6, over connections that are open already. From the claim on there is only forward, for whoever takes over. */
export async function promoteWinner(deps: Dependencies, promotion: Promotion): Promise<PromotionOutcome> {
  const { scene, input, route, look, elapsedMs, way } = promotion;
  const { winner } = look.decision;
  const times: Record<string, number> = { elected: elapsedMs() };
  const session = await way(winner.node);
  const facts = { node: winner.node, proof: look.fence.proof, lossBytes: look.lost === null ? null : winner.lossBytes, reason: look.decision.reason, election: look.election, fence: look.fence.attempts, lost: look.lost, evidence: input.evidence };
  await Promise.all([keepStep(deps.catalog, input.operation, { step: 'elect', phase: 'done', facts }), prepareNames(session, scene.plan, look)]);
  times['prepared'] = elapsedMs();
  const claim = await claimPromotion(deps.catalog, input.cluster, { epoch: input.epoch, operation: input.operation, node: winner.node });
  if (claim.verdict === 'refused') return { outcome: 'abort', verdict: { rule: claim.rule, by: claim.by, reason: `Epoch ${claim.holder.epoch} belongs to operation ${claim.holder.operation}.` } };
  times['claimed'] = elapsedMs();
  await orderPromotion(session);
  await awaitWritable(session);
  times['writable'] = elapsedMs();
  const { host, port } = deps.node(input.cluster, winner.node);
  const routed = await route.lead({ host, port, database: scene.plan.database, cluster: input.cluster, epoch: input.epoch });
  times['routed'] = elapsedMs();
  return { outcome: 'promoted', node: winner.node, epoch: input.epoch, timeline: await writtenTimeline(session), proof: facts.proof ?? '', lossBytes: facts.lossBytes, reason: facts.reason, routed, times };
}

/** The list is there before it is promoted: its first commit already waits for whoever is to confirm it (HA31). */
async function prepareNames(session: Session, plan: ClusterPlan, { situation, decision }: Chosen): Promise<void> {
  const { node } = decision.winner;
  const { names } = namesFor(node, plan.nodes, plan.synchronous, spokenBy(situation).filter((name) => name !== node && name !== situation.primary.name));
  const wanted = printSynchronousNames(names);
  if ((await readSynchronousStandbyNames(session)) === wanted) return;
  await setSynchronousStandbyNames(session, names);
  const deadline = performance.now() + RELOAD_MS;
  while ((await readSynchronousStandbyNames(session)) !== wanted) {
    if (performance.now() > deadline) throw new OperationError('node_failed', `synchronous_standby_names of node "${node}" does not become what was set`);
    await sleep(2);
  }
}

const RELOAD_MS = 5000;

/** For a worker that takes over from one that died behind the claim. The route is the next step's. */
export async function finishClaimed(deps: Dependencies, { plan, input, node }: { readonly plan: ClusterPlan; readonly input: PromoteInput; readonly node: string }): Promise<Promoted> {
  const begun = performance.now();
  const timeline = await promoteClaimed({ candidate: deps.node(plan.cluster, node) });
  const kept = (await readSteps(deps.catalog, input.operation)).findLast(({ step, phase }) => step === 'elect' && phase === 'done')?.facts as { proof?: string; lossBytes?: number | null; reason?: string } | undefined;
  return { outcome: 'promoted', node, epoch: input.epoch as Epoch, timeline, proof: kept?.proof ?? '', lossBytes: kept?.lossBytes ?? null, reason: kept?.reason ?? '', routed: false, times: { writable: performance.now() - begun } };
}

/** To every standby at once, while the old primary is being fenced: whoever wins is promoted over a connection that is there. */
export function openWays(deps: Dependencies, { cluster, operation, nodes }: { readonly cluster: string; readonly operation: string; readonly nodes: readonly string[] }): { way: Promotion['way'] } & AsyncDisposable {
  const dial = (node: string): Promise<Session> => connect(deps.node(cluster, node), { purpose: `failover_${operation}`, connectTimeoutMs: DIAL_MS, settings: { synchronous_commit: 'local' } });
  const ways = new Map(nodes.map((node) => [node, dial(node)]));
  for (const way of ways.values()) way.catch(() => undefined);
  return {
    way: async (node) => {
      const open = await ways.get(node)?.catch(() => undefined);
      if (open !== undefined && !open.lost) return open;
      const again = dial(node);
      ways.set(node, again);
      return await again;
    },
    [Symbol.asyncDispose]: async () => void (await Promise.all([...ways.values()].map((way) => way.then((session) => session.close(), () => undefined)))),
  };
}

const DIAL_MS = 5000;
