/** Whether a drill may begin (H1): a fault on purpose is for a cluster that can bear it. */
import { periodText } from '../../durations.ts';
import type { Citation } from '../citation.ts';
import type { Gate } from '../failover/gates.ts';
import { isAnswered, lintPlan, type DrillPlan } from './plan.ts';

export interface DrillFacts {
  readonly plan: DrillPlan;
  /** Whether the present moment lies in the window that was agreed. */
  readonly inWindow: boolean;
  /** Who said yes to this drill; null: nobody. */
  readonly consentBy: string | null;
  readonly sinceRoleChangeMs: number | null;
  readonly coolDownMs: number;
  /** Standbys that could be promoted now. */
  readonly electable: number;
  readonly lagBytes: number;
  readonly lagLimitBytes: number;
  /** Slots that the plan of the cluster has and that are missing. */
  readonly missingSlots: readonly string[];
  /** The inventory says that nothing in the cluster is worth a backup. */
  readonly backupWaived: boolean;
  /** Since the newest proven backup; null: there is none. */
  readonly backupAgeMs: number | null;
  readonly backupMaxAgeMs: number;
  readonly otherOperation: string | null;
  /** Why nobody would answer the fault: no watcher, or a pause; null: somebody will. */
  readonly unwatched: string | null;
  /** Why the fault cannot be made, or could not be taken back; null: it can. */
  readonly cannotInject: string | null;
  /** Problems of `cluster show` that block. */
  readonly blockingProblems: readonly string[];
}

export function judgeDrillGates(facts: DrillFacts): readonly Gate[] {
  const { plan, sinceRoleChangeMs, coolDownMs, backupWaived, backupAgeMs, backupMaxAgeMs, unwatched, cannotInject } = facts;
  const faults = lintPlan(plan);
  const cooled = sinceRoleChangeMs === null || sinceRoleChangeMs >= coolDownMs;
  const backedUp = backupWaived || (backupAgeMs !== null && backupAgeMs <= backupMaxAgeMs);
  return [
    gate('plan-complete', ['H1'], faults.length === 0, faults.map(({ reason }) => reason).join(' ') || 'It has a hypothesis and abort limits.'),
    gate('in-window', ['H1', 'R25'], facts.inWindow, facts.inWindow ? 'The window is open.' : 'It is outside the window.'),
    gate('consent', ['H1'], facts.consentBy !== null, facts.consentBy === null ? 'Nobody has consented.' : `${facts.consentBy} consented.`),
    gate('cool-down-over', ['R30', 'HA51'], cooled, cooled ? 'No change of roles within the cool-down.' : `Roles changed ${Math.round((sinceRoleChangeMs ?? 0) / 1000)} s ago; the cool-down is ${periodText(coolDownMs)}.`),
    gate('redundant', ['HA51', 'H1'], facts.electable > 0, `${facts.electable} standbys could be promoted.`),
    gate('caught-up', ['HA51'], facts.lagBytes <= facts.lagLimitBytes, `${facts.lagBytes} bytes of lag; the limit is ${facts.lagLimitBytes}.`),
    gate('slots-there', ['HA51', 'HA40'], facts.missingSlots.length === 0, facts.missingSlots.length === 0 ? 'Every slot is there.' : `Missing: ${facts.missingSlots.join(', ')}.`),
    gate('backed-up', ['H1', 'R21'], backedUp, backupWaived ? 'The inventory says that it needs no backup.' : backupAgeMs === null ? 'There is no proven backup.' : `The newest proven backup is ${Math.round(backupAgeMs / 60_000)} min old.`),
    gate('no-other-operation', ['HA59'], facts.otherOperation === null, facts.otherOperation === null ? 'Nothing else holds the cluster.' : `${facts.otherOperation} holds the cluster.`),
    gate('watched', ['H4', 'G1'], unwatched === null, unwatched ?? (isAnswered(plan.kind) ? 'The watcher will answer it.' : 'No watcher is needed.')),
    gate('can-be-injected', ['H3'], cannotInject === null, cannotInject ?? 'The fault can be made and taken back.'),
    gate('healthy', ['H1', 'R49'], facts.blockingProblems.length === 0, facts.blockingProblems.join(' ') || 'The cluster has no blocking problem.'),
  ];
}

const gate = (rule: string, by: readonly Citation[], open: boolean, reason: string): Gate => ({ rule, by, open, reason });
