/** What the watcher and a failover tell each other, and whoever looks. Everything here goes through Temporal: plain data. */
import type { RuleResult } from '../citation.ts';
import type { Exclusion } from '../citation.ts';
import type { Epoch } from '../epoch.ts';
import type { HandedOn } from './assess.ts';
import type { Classification } from './classify.ts';
import type { FenceAttempt } from './fence.ts';
import type { Gate } from './gates.ts';
import type { AckQuorum } from '../synchronous/quorum.ts';

/** A loss of the primary as it was seen. */
export interface LossEvidence {
  readonly primary: string;
  readonly classification: Classification;
  /** Of the watcher; null when an operator has ordered the failover. */
  readonly gates: readonly Gate[] | null;
  readonly handedOn: HandedOn;
}

/** Why a failover stands still, for people: each node with its rule, each proof with what it lacks (HA62). */
export interface Standstill extends RuleResult {
  readonly excluded: readonly Exclusion[];
  readonly quorum: AckQuorum | null;
  readonly fence: readonly FenceAttempt[];
}

export interface Promoted {
  readonly outcome: 'promoted';
  readonly node: string;
  readonly epoch: Epoch;
  readonly timeline: number;
  /** Of the fence. */
  readonly proof: string;
  /** Log that the lost primary said it had written and that nobody has; null when nothing was known of it. */
  readonly lossBytes: number | null;
  readonly reason: string;
  /** Whether the route leads there already. */
  readonly routed: boolean;
  /** Milliseconds since the step began, by its monotonic clock. */
  readonly times: Readonly<Record<string, number>>;
}

export type PromotionOutcome =
  | Promoted
  | { readonly outcome: 'fetch'; readonly node: string; readonly from: string; readonly toLsn: string; readonly reason: string }
  | { readonly outcome: 'wait'; readonly standstill: Standstill }
  | { readonly outcome: 'abort'; readonly verdict: RuleResult };

/** What an operator has typed while a failover stood still. */
export interface FailoverOrders {
  /** That the old primary does not serve, whatever can be proven. */
  readonly consentBy: string | null;
  readonly acceptLoss: boolean;
}
