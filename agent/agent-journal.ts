/**
 * What an agent must not forget when it is killed: a few small facts, each written to disk before it is acted on, and every one read back at start.
 */
import type { Epoch } from '../domain/cluster/epoch.ts';

/** A write-blocked window that this agent leads: whoever starts after it is killed gives the primary back, or goes on when the epoch is claimed. */
export interface OpenWindow {
  readonly operation: string;
  readonly epoch: Epoch;
  readonly candidate: string;
  /** `asked`: the claim of the epoch may have been made. */
  readonly step: 'draining' | 'asked';
}

export interface AgentFacts {
  readonly epoch: Epoch | null;
  /** Operation that began to rewrite the data directory and did not end (HA21). */
  readonly destructiveStep: string | null;
  /** Whether the program of that step ended well, so that only the start is left. */
  readonly rewriteEnded: boolean;
  /** Since when, by the wall clock and for people only, the agent has stopped its own primary because it was cut off; null: it has not. */
  readonly selfFencedAt: string | null;
  readonly window: OpenWindow | null;
}

export interface AgentJournal {
  facts(): AgentFacts;
  /** On disk when it resolves. */
  keep(change: Partial<AgentFacts>): Promise<void>;
}
