/**
 * What becomes of a write-blocked window whose agent was killed in it, whose answer never came, or that has to be taken back. The catalog alone says: who
 * claimed, and whether a later operation has begun. An agent that starts the old primary without having asked could make two.
 */
import type { RuleResult } from '../citation.ts';
import type { Epoch } from '../epoch.ts';

/** One row of the epochs of a cluster. */
export interface KnownEpoch {
  readonly epoch: Epoch;
  readonly operation: string;
  /** Who was claimed for promotion; null: nobody yet, and {@link NOBODY}: nobody ever will be. */
  readonly node: string | null;
}

/** Claimed for no node: a window whose epoch was voided gets no further. */
export const NOBODY = '';

export interface Settlement extends RuleResult {
  /** `go-forward`: promote and open the route; `give-back`: the old primary serves again; `stay-down`: a later operation decides. */
  readonly action: 'go-forward' | 'give-back' | 'stay-down';
}

/** Ours is asked about only after it was claimed or voided: before that, the claim could still be under way. */
export function settleWindow(known: readonly KnownEpoch[], ours: { readonly epoch: Epoch; readonly operation: string; readonly candidate: string }): Settlement {
  const later = known.find(({ epoch, operation }) => epoch > ours.epoch && operation !== ours.operation);
  if (later !== undefined) {
    return { action: 'stay-down', rule: 'superseded', by: ['D1', 'HA1'], reason: `Operation ${later.operation} has begun epoch ${later.epoch} since; it decides who is primary.` };
  }
  const row = known.find(({ epoch }) => epoch === ours.epoch);
  if (row?.operation === ours.operation && row.node === ours.candidate) return { action: 'go-forward', rule: 'claimed', by: ['C5'], reason: `Epoch ${ours.epoch} is claimed for ${ours.candidate}: only forward.` };
  if (row?.node === null) throw new RangeError(`epoch ${ours.epoch} is neither claimed nor voided`);
  return { action: 'give-back', rule: 'not-claimed', by: ['C5'], reason: `Nobody was promoted in epoch ${ours.epoch}, and nobody will be.` };
}
