import { cancellationSignal } from '@temporalio/activity';

import { listClaims } from '../../../catalog/cluster/epochs.ts';
import { electionOf, fenceFactsOf, outstanding, type Situation, viewOf, writableElsewhere } from '../../../domain/cluster/failover/assess.ts';
import { classify, DEATHS } from '../../../domain/cluster/failover/classify.ts';
import { decidePromotion, type PromotionDecision } from '../../../domain/cluster/failover/decide.ts';
import { elect, type Election, type LostPrimary } from '../../../domain/cluster/failover/elect.ts';
import { judgeFence, type LeaseTerms } from '../../../domain/cluster/failover/fence.ts';
import type { FailoverOrders, LossEvidence, PromotionOutcome, Standstill } from '../../../domain/cluster/failover/incident.ts';
import { standInFor } from '../../../domain/cluster/failover/lost-primary.ts';
import { settled } from '../../../domain/cluster/failover/settled.ts';
import type { Epoch } from '../../../domain/cluster/epoch.ts';
import { isData } from '../../../domain/cluster/node.ts';
import { OperationError } from '../../../domain/errors.ts';
import type { Dependencies } from '../../dependencies.ts';
import { beating } from '../../step.ts';
import { finishClaimed, openWays, promoteWinner } from './promote-winner.ts';
import { holdRoute, type HeldRoute } from './held-route.ts';
import { openScene, type Scene } from './scene.ts';
import { openPowerSwitch, type PowerSwitch } from './power-switch.ts';

export interface PromoteInput {
  readonly cluster: string;
  readonly operation: string;
  readonly epoch: Epoch;
  readonly evidence: LossEvidence;
  /** The operator's typed word that the primary is not serviceable, whatever is seen. */
  readonly forced: boolean;
  readonly named: string | null;
  readonly orders: FailoverOrders;
}

/**
 * D3 to D6 from the decider's side: asks round after round until the old primary is fenced and a standby is elected, and then promotes it. The orders to
 * fence and to detach are given beside it; what they have done comes back as the words of the agents. Gives up waiting now and then, so that people see why.
 */
export const promoteBest =
  (deps: Dependencies) =>
  async (input: PromoteInput): Promise<PromotionOutcome> => {
    let doing = 'ask the agents';
    return await beating(() => ({ doing }), () => lead(deps, input, (text) => (doing = text)));
  };

const ASK_EVERY_MS = 150;
/** How long a standby that was heard of is waited for when another could be promoted. */
const STRAGGLER_MS = 1500;
/** Then somebody is to see what it waits for; the next attempt goes on, but counts a lease anew: not before one can be over. */
const REPORT_AFTER_MS = 3000;
const reportAfterMs = ({ selfStopMs, stopMs, marginMs }: LeaseTerms): number => REPORT_AFTER_MS + selfStopMs + stopMs + marginMs;

async function lead(deps: Dependencies, input: PromoteInput, say: (doing: string) => void): Promise<PromotionOutcome> {
  const plan = await deps.cluster(input.cluster);
  const claim = (await listClaims(deps.catalog, input.cluster)).find(({ epoch, operation }) => epoch === input.epoch && operation === input.operation);
  if (claim !== undefined) return await finishClaimed(deps, { plan, input, node: claim.node });
  const primary = plan.nodes.find(({ name }) => name === input.evidence.primary);
  if (primary === undefined) throw new OperationError('bug', `node "${input.evidence.primary}" is not in the inventory any more`);
  await using scene = await openScene(deps, { plan, primary, handedOn: input.evidence.handedOn });
  await using route = holdRoute(deps, plan);
  using power = openPowerSwitch({ plan, node: primary, host: primary.host, epoch: input.epoch });
  const begun = performance.now();
  const elapsedMs = (): number => Math.round(performance.now() - begun);
  await using ways = openWays(deps, { ...input, nodes: plan.nodes.filter((node) => isData(node) && node.name !== primary.name).map(({ name }) => name) });
  let deadAtMs = 0;
  for (let askAt = begun; ; ) {
    cancellationSignal().throwIfAborted();
    if (performance.now() >= askAt) {
      await scene.ask();
      askAt = performance.now() + ASK_EVERY_MS;
    }
    const ageMs = elapsedMs();
    const look = await judge(scene, { input, route, power, ageMs, sinceDeadMs: ageMs - deadAtMs });
    // A dial that is waited for makes words old: what was seen dead a moment ago is not alive for that.
    if (look.dead) deadAtMs = ageMs;
    say(`${look.decision.rule}: ${look.decision.reason}`);
    const { decision } = look;
    if (decision.action === 'abort' && look.settled) return { outcome: 'abort', verdict: { rule: decision.rule, by: decision.by, reason: decision.reason } };
    if (decision.action === 'promote' && (look.waitingFor.length === 0 || ageMs >= STRAGGLER_MS)) {
      const { winner } = decision;
      if (winner.fetch !== null) return { outcome: 'fetch', node: winner.node, ...winner.fetch, reason: winner.reason };
      return await promoteWinner(deps, { scene, input, route, look: { ...look, decision }, elapsedMs, way: ways.way });
    }
    if (ageMs >= reportAfterMs(plan.lease) && !power.busy()) return { outcome: 'wait', standstill: standstillOf(look) };
    await scene.asker.heard(Math.max(1, askAt - performance.now()), cancellationSignal());
  }
}

export interface JudgedLook {
  readonly decision: PromotionDecision;
  readonly situation: Situation;
  readonly lost: LostPrimary | null;
  readonly fence: ReturnType<typeof judgeFence>;
  readonly election: Election;
  /** Standbys that were heard of, and have not let go yet. */
  readonly waitingFor: readonly string[];
  readonly dead: boolean;
  /** Whether a decision against going on is the last word. */
  readonly settled: boolean;
}

interface Judging {
  readonly input: PromoteInput;
  readonly route: HeldRoute;
  readonly power: PowerSwitch;
  readonly ageMs: number;
  /** Since it was last seen dead, or since the beginning. */
  readonly sinceDeadMs: number;
}

async function judge(scene: Scene, { input, route, power, ageMs, sinceDeadMs }: Judging): Promise<JudgedLook> {
  const { epoch, evidence, orders } = input;
  const situation = await scene.situation();
  const lost = (await scene.lost()) ?? (orders.acceptLoss ? standInFor(situation) : null);
  const classification = classify(viewOf(situation));
  const consent = orders.consentBy === null ? null : { epoch, by: orders.consentBy };
  const fence = judgeFence(fenceFactsOf(situation, { epoch, synchronous: lost?.synchronous ?? null, poweredOff: power.off(), consent, routeClosed: route.closed() }));
  const election = lost === null ? UNKNOWN : elect(electionOf(situation, lost, { named: input.named, acceptLoss: orders.acceptLoss }));
  const highestEpoch = Math.max(epoch, ...situation.reports.map(({ value }) => value.epoch)) as Epoch;
  const decision = decidePromotion({ epoch, highestEpoch, writableElsewhere: writableElsewhere(situation), classification, gates: evidence.gates, forced: input.forced, fence, election });
  if (!fence.fenced && settled({ classification, ageMs }).dead) power.press();
  return { decision, situation, lost, fence, election, waitingFor: outstanding(situation, evidence.handedOn.speakers), dead: DEATHS.includes(classification.class), settled: decision.rule !== 'primary-not-lost' || settled({ classification, ageMs: sinceDeadMs }).alive };
}

/** Without a word of the lost primary nobody can say what the others lack of it. */
const UNKNOWN: Election = {
  winner: null, excluded: [], quorum: null,
  blocked: { rule: 'primary-never-heard', by: ['D5', 'HA34'], reason: 'No report of the lost primary is kept: what was written and acknowledged is not known.', override: 'name the node and accept the loss' },
};

const standstillOf = ({ decision: { rule, by, reason }, election, fence }: JudgedLook): Standstill => ({ rule, by, reason, excluded: election.excluded, quorum: election.quorum, fence: fence.attempts });
