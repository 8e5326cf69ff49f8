/**
 * Whether to promote now (step list D): the last look before the point of no return. Everything it needs was decided apart; here it is put together, in
 * an order in which the first rule that is not met says what happens instead.
 */
import type { Citation, RuleResult } from '../citation.ts';
import type { Epoch } from '../epoch.ts';
import { DEATHS, type Classification } from './classify.ts';
import type { Election, Winner } from './elect.ts';
import type { FenceVerdict } from './fence.ts';
import type { Gate } from './gates.ts';

export interface PromotionQuestion {
  readonly epoch: Epoch;
  /** The highest epoch that any agent or the catalog has seen. */
  readonly highestEpoch: Epoch;
  /** Nodes that any observer, at its last word, saw writable, other than the lost primary (HA15). */
  readonly writableElsewhere: readonly string[];
  readonly classification: Classification;
  /** Of the watcher; null when an operator ordered the failover and answers for the gates. */
  readonly gates: readonly Gate[] | null;
  /** An operator's typed word that the primary is not serviceable, whatever is seen (D2). */
  readonly forced: boolean;
  readonly fence: FenceVerdict;
  readonly election: Election;
}

export type PromotionDecision =
  | (RuleResult & { readonly action: 'promote'; readonly winner: Winner })
  /** Try again when facts change; a human is told. */
  | (RuleResult & { readonly action: 'wait' })
  /** Give the operation up: nothing may be promoted in it. */
  | (RuleResult & { readonly action: 'abort' });

export function decidePromotion(question: PromotionQuestion): PromotionDecision {
  const { epoch, highestEpoch, writableElsewhere, classification, gates, forced, fence, election } = question;
  const say = (action: 'wait' | 'abort', rule: string, by: readonly Citation[], reason: string): PromotionDecision => ({ action, rule, by, reason });
  if (highestEpoch > epoch) return say('abort', 'superseded', ['D6'], `Epoch ${highestEpoch} has begun; this operation is of epoch ${epoch}.`);
  if (writableElsewhere.length > 0) return say('abort', 'writable-elsewhere', ['HA15', 'R89'], `${writableElsewhere.join(', ')} is writable already.`);
  const closed = gates?.filter(({ open }) => !open) ?? [];
  if (closed.length > 0) return say('abort', closed[0]!.rule, closed[0]!.by, closed.map(({ reason }) => reason).join(' '));
  // Once it is fenced there is no way back to "it serves": what is left of the old primary is what the fence left.
  if (!fence.fenced && !DEATHS.includes(classification.class) && !forced) return say('abort', 'primary-not-lost', ['D2', ...classification.by], classification.reason);
  if (!fence.fenced) return say('wait', 'not-fenced', ['D3', 'HA1'], fence.attempts.map(({ rule, reason }) => `${rule}: ${reason}`).join(' '));
  if (election.blocked !== null) return say('wait', election.blocked.rule, election.blocked.by, election.blocked.reason);
  if (election.winner === null) return say('wait', 'no-legal-candidate', ['HA62', 'D5'], election.excluded.map(({ node, rule, reason }) => `${node} (${rule}): ${reason}`).join(' ') || 'There is no other node.');
  return { action: 'promote', rule: 'fenced-and-elected', by: ['D5', 'D6'], reason: `Fenced by ${fence.proof}. ${election.winner.reason}`, winner: election.winner };
}
