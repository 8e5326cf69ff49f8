/**
 * What a failover would find, while nobody is ordered to do anything: as if every standby that is heard of had let go, which is what it is told first. What
 * proofs of the fence there could be is said of each.
 */
import type { RuleResult } from '../citation.ts';
import type { ClusterPlan } from '../cluster.ts';
import { isFresh } from '../reading.ts';
import { electionOf, type Situation, viewOf, writableElsewhere } from './assess.ts';
import { type Classification, classify, DEATHS } from './classify.ts';
import { elect, type Election, type LostPrimary } from './elect.ts';
import type { Gate } from './gates.ts';
import { standInFor } from './lost-primary.ts';

export interface PossibleProof extends RuleResult {
  readonly possible: boolean;
}

export interface FailoverForecast {
  readonly cluster: string;
  readonly primary: string;
  readonly classification: Classification;
  /** Of the watcher; an operator's own failover does not ask them. */
  readonly gates: readonly Gate[];
  readonly proofs: readonly PossibleProof[];
  readonly election: Election;
  readonly lost: LostPrimary | null;
  readonly writableElsewhere: readonly string[];
  /** Whether a failover ordered now, with these words, would promote somebody. */
  readonly wouldPromote: boolean;
  readonly reasons: readonly string[];
}

export interface ForecastQuestion {
  readonly plan: ClusterPlan;
  readonly situation: Situation;
  readonly lost: LostPrimary | null;
  readonly gates: readonly Gate[];
  readonly named: string | null;
  readonly acceptLoss: boolean;
  readonly forced: boolean;
  readonly consent: boolean;
}

export function forecast(question: ForecastQuestion): FailoverForecast {
  const { plan, gates, named, acceptLoss, forced, situation } = question;
  const classification = classify(viewOf(situation));
  const asDetached = detached(situation);
  const lost = question.lost ?? (acceptLoss ? standInFor(asDetached) : null);
  const election = lost === null ? { winner: null, excluded: [], quorum: null, blocked: { rule: 'primary-never-heard', by: ['D5', 'HA34'] as const, reason: 'No report of the primary is kept: what was written and acknowledged is not known.', override: 'accept the loss' } } : elect(electionOf(asDetached, lost, { named, acceptLoss }));
  const proofs = possibleProofs({ ...question, lost });
  const elsewhere = writableElsewhere(situation);
  const reasons = [
    !DEATHS.includes(classification.class) && !forced && `The primary is not lost (${classification.rule}): ${classification.reason}`,
    elsewhere.length > 0 && `${elsewhere.join(', ')} is writable already.`,
    !proofs.some(({ possible }) => possible) && 'No proof that the old primary has stopped can be had.',
    election.blocked !== null && `${election.blocked.reason} Override: ${election.blocked.override}.`,
    election.winner === null && election.blocked === null && 'No node may be promoted.',
  ].filter((one) => one !== false);
  return { cluster: plan.cluster, primary: situation.primary.name, classification, gates, proofs, election, lost, writableElsewhere: elsewhere, wouldPromote: reasons.length === 0, reasons };
}

function detached(situation: Situation): Situation {
  const { now, plan } = situation;
  return {
    ...situation,
    reports: situation.reports.map((report) => {
      const { server } = report.value;
      if ('failed' in server || !server.ok.inRecovery || !isFresh(report, now, plan.watch.freshMs)) return report;
      return { ...report, value: { ...report.value, server: { ok: { ...server.ok, receiver: null } } } };
    }),
  };
}

function possibleProofs({ plan, situation, lost, consent }: ForecastQuestion): readonly PossibleProof[] {
  const heard = new Set(situation.reports.filter((report) => isFresh(report, situation.now, plan.watch.freshMs)).map(({ observer }) => observer));
  const silent = plan.nodes.filter(({ name, role }) => role !== 'witness' && name !== situation.primary.name && !heard.has(name)).map(({ name }) => name);
  const { selfStopMs, stopMs, marginMs } = plan.lease;
  const say = (rule: string, by: RuleResult['by'], possible: boolean, reason: string): PossibleProof => ({ rule, by, possible, reason });
  return [
    heard.has(situation.primary.name) ? say('process-tree-gone', ['D3', 'HA4'], true, 'Its agent is heard and can kill every process of it.') : say('process-tree-gone', ['D3', 'HA4'], false, 'Its agent is silent.'),
    plan.fence === null ? say('powered-off', ['D3', 'HA1'], false, 'The inventory has no fence command.') : say('powered-off', ['D3', 'HA1'], true, `${plan.fence.command[0]} would be called when its agent is silent.`),
    lost?.synchronous == null ? say('ackers-detached', ['D3', 'HA1'], false, 'It is asynchronous: it needs nobody to acknowledge.') : say('ackers-detached', ['D3', 'D4'], plan.route.kind === 'pgbouncer' && silent.length < lost.synchronous.count, plan.route.kind === 'pgbouncer' ? `${silent.length} standbys are silent, ${lost.synchronous.count} must acknowledge.` : 'No route can be closed.'),
    silent.length > 0 ? say('lease-over', ['G8', 'D3'], false, `${silent.join(', ')} may still stream from it, so it need not stop.`) : say('lease-over', ['G8', 'D3'], true, `It has stopped itself ${selfStopMs + stopMs + marginMs} ms after it was cut off from everybody.`),
    say('consent', ['HA1', 'D2'], consent, consent ? 'It is typed.' : `Nobody has typed it (--consent ${plan.cluster}).`),
  ];
}
