import type { ErrorReport } from '../../errors.ts';
import type { Exclusion } from '../citation.ts';
import type { RunEnd } from '../run/machine.ts';
import type { SwitchoverPreflight } from './preflight.ts';
import type { WindowResult } from './window-result.ts';

/** What a switchover would do, and whether it may. */
export interface SwitchoverPlan {
  readonly from: string;
  readonly to: string;
  /** Nodes that were not chosen, each with the rule that took it out; empty when the operator named the candidate. */
  readonly excluded: readonly Exclusion[];
  readonly preflight: SwitchoverPreflight;
}

/** How a planned switchover ended. */
export interface SwitchoverResult {
  /** Null after a dry run. */
  readonly end: RunEnd | null;
  readonly operation: string;
  readonly cluster: string;
  /** Null when it did not come that far. */
  readonly plan: SwitchoverPlan | null;
  readonly window: WindowResult | null;
  /** Steps without which it is not complete. */
  readonly missing: readonly string[];
  /** What went wrong, by step. */
  readonly problems: readonly { readonly step: string; readonly error: ErrorReport }[];
}
