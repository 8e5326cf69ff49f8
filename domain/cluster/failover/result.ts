import type { RuleResult } from '../citation.ts';
import type { RunEnd } from '../run/machine.ts';
import type { Classification } from './classify.ts';
import type { Promoted } from './incident.ts';

/** How a failover ended, and what it was about. */
export interface FailoverResult {
  readonly end: RunEnd;
  readonly operation: string;
  readonly cluster: string;
  readonly from: string;
  /** Null: nobody was promoted. */
  readonly promoted: Promoted | null;
  /** Steps without which it is not complete. */
  readonly missing: readonly string[];
  /** Why nobody was promoted; null when somebody was. */
  readonly verdict: RuleResult | null;
  readonly classification: Classification;
  /** Who had to give the cluster up for it. */
  readonly preempted: string | null;
}
