/** Who has to give way when a failover needs the cluster (HA59). */
import type { Citation, RuleResult } from '../citation.ts';

export interface LockHolder {
  /** Of its run: `clone`, `switchover`, …; null when it left none. */
  readonly kind: string | null;
  readonly operation: string;
  readonly purpose: string;
  /** Whether its workflow runs. */
  readonly underWay: boolean;
}

export interface Preemption extends RuleResult {
  /** `ask`: its workflow is cancelled, and it has so long to give the cluster back; then it is taken. `take`: at once. */
  readonly action: 'refuse' | 'ask' | 'take';
  readonly withinMs: number;
}

/** What undoes itself in moments, or leaves a mark that the next one heeds. */
const ASK_MS = 2000;

/** Kinds that keep the watcher from acting by itself: they change roles themselves. */
export const ROLE_CHANGERS: readonly string[] = ['switchover', 'failover'];

export function judgePreemption(holder: LockHolder, window: { readonly budgetMs: number; readonly silenceMs: number }): Preemption {
  const { kind, operation, purpose, underWay } = holder;
  const say = (action: Preemption['action'], withinMs: number, rule: string, by: readonly Citation[], reason: string): Preemption => ({ action, withinMs, rule, by, reason });
  if (kind === 'failover' && underWay) return say('refuse', 0, 'other-failover', ['D1', 'HA59'], `Operation ${operation} (${purpose}) decides already.`);
  // Its agent gives the old primary back by itself when nobody leads the window on; before that nothing is to be decided over its head.
  if (kind === 'switchover') return say('ask', window.budgetMs + window.silenceMs + ASK_MS, 'window-ends-itself', ['D1', 'HA59', 'C5'], `Operation ${operation} (${purpose}) takes itself back, or is over, after at most ${window.budgetMs + window.silenceMs} ms.`);
  // A drill has made the incident, and waits for what is done about it.
  if (kind === 'drill' || !underWay) return say('take', 0, underWay ? 'drill-looks-on' : 'holder-is-gone', ['D1', 'HA59', 'H4'], underWay ? `Operation ${operation} is a drill.` : `The workflow of operation ${operation} (${purpose}) does not run any more.`);
  return say('ask', ASK_MS, 'gives-way', ['D1', 'HA59'], `Operation ${operation} (${purpose}) has to give way.`);
}
