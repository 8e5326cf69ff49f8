/**
 * Whether the watcher may act by itself on a primary that is lost (G5). Every gate is looked at and reported, so that an operator sees all the reasons at
 * once; any closed one means an alert instead of a failover. An operator's own failover does not pass here.
 */
import type { Citation, RuleResult } from '../citation.ts';
import { ageMs, type Reading } from '../reading.ts';
import { DEATHS, type Classification } from './classify.ts';
import { describePause, isPaused, type Pause } from './pause.ts';

export interface FailoverPolicy {
  readonly automatic: boolean;
  /** Since the last change of roles (HA51). */
  readonly coolDownMs: number;
  /** At most so many automatic failovers in this time; then a human (HA56). */
  readonly flapLimit: { readonly count: number; readonly withinMs: number };
}

/** What the watcher has recorded. */
export interface WatchRecord {
  readonly pause: Pause | null;
  /** When a pause was last lifted or ran out; null when there was none. */
  readonly resumedAt: Reading | null;
  /** When the primary was last seen well. */
  readonly lastHealthyAt: Reading | null;
  /** Whether an electable standby streamed then (G5). */
  readonly redundantAtLoss: boolean;
  /** The operation that holds the cluster's mutex; null for none. */
  readonly otherOperation: string | null;
  /** Every change of roles, planned ones included. */
  readonly roleChanges: readonly { readonly at: Reading; readonly automatic: boolean }[];
}

export interface Gate extends RuleResult {
  readonly open: boolean;
}

export interface GateQuestion {
  readonly policy: FailoverPolicy;
  readonly record: WatchRecord;
  readonly classification: Classification;
  readonly now: Reading;
}

export function judgeGates(question: GateQuestion): readonly Gate[] {
  return [death, automatic, pauseGate, seenSinceResume, redundancy, mutex, coolDown, flapping].map((look) => look(question));
}

const gate = (rule: string, by: readonly Citation[], open: boolean, reason: string): Gate => ({ rule, by, open, reason });

const death = ({ classification }: GateQuestion): Gate => gate('primary-lost', classification.by, DEATHS.includes(classification.class), `${classification.class}: ${classification.reason}`);

const automatic = ({ policy }: GateQuestion): Gate => gate('automatic-failover-on', ['R54'], policy.automatic, policy.automatic ? 'Automatic failover is on.' : 'Automatic failover is off for this cluster.');

const pauseGate = ({ record, now }: GateQuestion): Gate => {
  const paused = isPaused(record.pause, now);
  return gate('not-paused', ['R56', 'HA52', 'G7'], !paused, paused ? describePause(record.pause!, now) : 'Not paused.');
};

/** A primary that was lost while nobody was to act stays lost when the pause ends: a human decides (HA52). */
function seenSinceResume({ record, now }: GateQuestion): Gate {
  const { resumedAt, lastHealthyAt } = record;
  if (lastHealthyAt === null) return gate('seen-well-before', ['HA52', 'G7'], false, 'The primary was never seen well by this watcher.');
  // A pause that has run out ends at its own time, whether or not somebody wrote that down.
  const ended = record.pause !== null && !isPaused(record.pause, now) ? { clock: record.pause.at.clock, ms: record.pause.at.ms + record.pause.forMs } : null;
  const before = [resumedAt, ended].some((resumed) => resumed !== null && !(resumed.clock === lastHealthyAt.clock && resumed.ms <= lastHealthyAt.ms));
  return gate('seen-well-before', ['HA52', 'G7'], !before, before ? 'The primary was lost before automatic failover was resumed.' : 'The primary was seen well before it was lost.');
}

const redundancy = ({ record }: GateQuestion): Gate =>
  gate('redundant-at-loss', ['G5'], record.redundantAtLoss, record.redundantAtLoss ? 'A standby followed when the primary was lost.' : 'No electable standby followed when the primary was last seen well.');

const mutex = ({ record }: GateQuestion): Gate =>
  gate('no-other-operation', ['HA59', 'G5'], record.otherOperation === null, record.otherOperation === null ? 'Nothing else holds the cluster.' : `${record.otherOperation} holds the cluster.`);

/** A change whose age cannot be told counts as one that was just now. */
const ageOr0 = (at: Reading, now: Reading): number => ageMs(at, now) ?? 0;

function coolDown({ policy, record, now }: GateQuestion): Gate {
  const youngest = Math.min(...record.roleChanges.map(({ at }) => ageOr0(at, now)));
  const over = youngest >= policy.coolDownMs;
  return gate('cool-down-over', ['R30', 'HA51', 'G5'], over, over ? 'No change of roles within the cool-down.' : `Roles changed ${Math.round(youngest / 1000)} s ago; the cool-down is ${Math.round(policy.coolDownMs / 1000)} s.`);
}

function flapping({ policy, record, now }: GateQuestion): Gate {
  const { count, withinMs } = policy.flapLimit;
  const recent = record.roleChanges.filter((change) => change.automatic && ageOr0(change.at, now) < withinMs).length;
  return gate('not-flapping', ['HA56', 'G5'], recent < count, `${recent} automatic failovers within ${Math.round(withinMs / 60_000)} min; at most ${count} without a human.`);
}
