import type { RuleResult } from '../citation.ts';
import type { LeaseTerms } from './fence.ts';

/** What the agent of a primary knows by its own monotonic clock, counted from its start where it heard nothing yet. */
export interface Isolation {
  readonly sinceOrchestratorMs: number;
  /** Since the last reply of the standby that replied last; a walsender that is merely there proves nothing (HA3). */
  readonly sinceStandbyReplyMs: number;
}

export interface SelfFence extends RuleResult {
  readonly action: 'serve' | 'stop';
}

/**
 * Whether a primary stops itself, fast and not smart: a smart stop lets sessions write on (HA6). Neither sign alone is enough: while standbys stream, an
 * orchestrator that is away is no reason to end the service (HA11).
 */
export function judgeSelfFence({ sinceOrchestratorMs, sinceStandbyReplyMs }: Isolation, { selfStopMs }: LeaseTerms): SelfFence {
  const alone = Math.min(sinceOrchestratorMs, sinceStandbyReplyMs);
  if (alone >= selfStopMs) return { action: 'stop', rule: 'isolated', by: ['G8', 'HA6'], reason: `Neither the orchestrator nor a standby was heard for ${alone} ms; the lease is ${selfStopMs} ms.` };
  return { action: 'serve', rule: sinceOrchestratorMs < selfStopMs ? 'orchestrator-heard' : 'standby-replies', by: ['G8', 'HA11'], reason: `Last heard ${alone} ms ago.` };
}
