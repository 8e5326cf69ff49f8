/** The fencing token of a cluster: every order that changes something carries it. One promotion per epoch (step lists, `Rules for all`). */
export type Epoch = number & { readonly __brand: 'Epoch' };

/** What an agent says that has seen none yet: lower than every epoch there is. */
export const NO_EPOCH = 0 as Epoch;

/** Epochs are counted from 1; anything else is a RangeError. */
export function epochOf(number: number): Epoch {
  if (!Number.isSafeInteger(number) || number < 1) throw new RangeError(`not an epoch: ${number}`);
  return number as Epoch;
}

/** An agent takes orders of the highest epoch it has seen, or a higher one, which it keeps before it acts. */
export const takesOrder = (kept: Epoch | null, order: Epoch): boolean => kept === null || order >= kept;

/** A row of the catalog: this operation may promote this node in this epoch, and nobody anything else. */
export interface PromotionClaim {
  readonly epoch: Epoch;
  readonly operation: string;
  readonly node: string;
}

export type ClaimVerdict =
  | { readonly verdict: 'granted' }
  /** The same claim again, by a retried step: it stands. */
  | { readonly verdict: 'already-yours' }
  | { readonly verdict: 'refused'; readonly rule: 'epoch-taken' | 'epoch-superseded'; readonly by: readonly ['D6']; readonly holder: PromotionClaim };

/** The compare-and-set before a promotion: the point of no return. The catalog holds the same by a unique key on the epoch. */
export function judgeClaim(claims: readonly PromotionClaim[], wanted: PromotionClaim): ClaimVerdict {
  const holder = claims.find(({ epoch }) => epoch === wanted.epoch);
  if (holder !== undefined) {
    const same = holder.operation === wanted.operation && holder.node === wanted.node;
    return same ? { verdict: 'already-yours' } : { verdict: 'refused', rule: 'epoch-taken', by: ['D6'], holder };
  }
  const later = claims.find(({ epoch }) => epoch > wanted.epoch);
  return later === undefined ? { verdict: 'granted' } : { verdict: 'refused', rule: 'epoch-superseded', by: ['D6'], holder: later };
}
