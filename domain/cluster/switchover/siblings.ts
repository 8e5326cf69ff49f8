/** Which of the other standbys are led under the candidate before the window (C3), so that they follow the promotion by themselves (HA38). */
import type { NodeDeclaration } from '../node.ts';
import { mayAcknowledge, type SynchronousNames } from '../synchronous/names.ts';

export interface SiblingsQuestion {
  readonly candidate: NodeDeclaration;
  /** Standbys that stream from the primary now, the candidate left out. */
  readonly siblings: readonly NodeDeclaration[];
  /** In force on the primary; null: asynchronous. */
  readonly names: SynchronousNames | null;
}

/**
 * A standby behind the candidate confirms nothing to the primary. As long as others are enough for every commit it may move; one that is needed stays
 * where it is until the candidate is promoted, because writes would hang for the whole preparation.
 */
export function siblingsToMove({ candidate, siblings, names }: SiblingsQuestion): readonly NodeDeclaration[] {
  if (names === null) return siblings;
  const confirms = ({ applicationName }: NodeDeclaration): boolean => mayAcknowledge(names, applicationName);
  const confirming = siblings.filter(confirms);
  const spare = confirming.length + (confirms(candidate) ? 1 : 0) - names.count;
  // The one that is least wanted first, for the best ones are to keep confirming.
  const movable = confirming.toSorted((left, right) => left.priority - right.priority || (left.name < right.name ? 1 : -1)).slice(0, Math.max(0, spare));
  return siblings.filter((sibling) => !confirms(sibling) || movable.includes(sibling));
}
