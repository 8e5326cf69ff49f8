/** What the watcher does with what it sees (step list G). */
import type { RuleResult } from '../citation.ts';
import type { Classification } from './classify.ts';
import type { Gate } from './gates.ts';

export interface WatchQuestion {
  readonly classification: Classification;
  readonly gates: readonly Gate[];
  /** Whether its agent may start a dead server again once, before a failover (G3). */
  readonly localRestart: 'allowed' | 'never';
  /** Already tried for this incident. */
  readonly restartTried: boolean;
}

export const WATCH_ACTIONS = ['watch', 'alert', 'restart-locally', 'fail-over'] as const;
export type WatchAction = (typeof WATCH_ACTIONS)[number];

export interface WatchDecision extends RuleResult {
  readonly action: WatchAction;
}

/** The gates that an attempt to start the same server again has to pass: it changes no roles, so it needs no cool-down. */
const RESTART_GATES: readonly string[] = ['primary-lost', 'automatic-failover-on', 'not-paused', 'no-other-operation'];

export function decideWatch({ classification, gates, localRestart, restartTried }: WatchQuestion): WatchDecision {
  const { class: found, rule, by, reason } = classification;
  if (found === 'serving') return { action: 'watch', rule, by, reason };
  const restartable = found === 'postmaster-dead' && rule === 'agent-says-dead' && localRestart === 'allowed' && !restartTried;
  if (restartable && RESTART_GATES.every((wanted) => gates.some((gate) => gate.rule === wanted && gate.open))) return { action: 'restart-locally', rule: 'one-local-restart', by: ['G3'], reason };
  const closed = gates.filter(({ open }) => !open);
  if (closed.length > 0) return { action: 'alert', rule: closed[0]!.rule, by: closed[0]!.by, reason: closed.map((gate) => gate.reason).join(' ') };
  return { action: 'fail-over', rule: 'all-gates-open', by: ['G5', 'G6'], reason };
}
