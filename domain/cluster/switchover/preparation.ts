/** What is to be arranged around a window, and how it is when that is over (C3, C7). */
import type { NodeDeclaration } from '../node.ts';
import { isData } from '../node.ts';
import { rolesAfter } from '../roles-after.ts';
import { plannedSlots, slotNameOf } from '../slots.ts';
import type { SynchronousNames } from '../synchronous/names.ts';
import { namesFor, type SynchronousPolicy } from '../synchronous/recompute.ts';
import { siblingsToMove } from './siblings.ts';

export interface PreparationQuestion {
  readonly from: string;
  readonly to: string;
  readonly nodes: readonly NodeDeclaration[];
  /** In force on the primary. */
  readonly names: SynchronousNames | null;
  /** In force on the candidate, to be put back. */
  readonly candidateNames: SynchronousNames | null;
  readonly policy: SynchronousPolicy | null;
  /** Standbys whose agents answer. */
  readonly reachable: readonly string[];
}

export interface Preparation {
  /** Led under the candidate before the window. */
  readonly moves: readonly string[];
  /** All that follow the candidate afterwards, without the old primary. */
  readonly siblings: readonly string[];
  /** On the candidate, for everybody who will follow it; a window takes none of them away. */
  readonly slots: readonly string[];
  /** On the candidate before it is promoted (HA31). */
  readonly names: SynchronousNames | null;
  readonly namesBefore: SynchronousNames | null;
  readonly slotsBefore: readonly string[];
  /** By node, when all is over. */
  readonly slotsAfter: Readonly<Record<string, readonly string[]>>;
}

export function planPreparation({ from, to, nodes, names, candidateNames, policy, reachable }: PreparationQuestion): Preparation {
  const after = rolesAfter(nodes, to);
  const followers = after.filter((node) => isData(node) && node.upstream === to && node.name !== from);
  const candidate = nodes.find(({ name }) => name === to)!;
  const movable = followers.filter(({ name }) => reachable.includes(name) && nodes.find((node) => node.name === name)!.upstream !== to);
  const before = plannedSlots(to, nodes);
  return {
    moves: siblingsToMove({ candidate, siblings: movable, names }).map(({ name }) => name),
    siblings: followers.map(({ name }) => name).filter((name) => reachable.includes(name)),
    slots: [...new Set([...before, slotNameOf(from), ...followers.map(({ name }) => slotNameOf(name))])],
    names: namesFor(to, nodes, policy, [from, ...reachable.filter((name) => name !== to)]).names,
    namesBefore: candidateNames,
    slotsBefore: before,
    slotsAfter: Object.fromEntries(after.filter((node) => isData(node) && (node.name === from || node.name === to || reachable.includes(node.name))).map(({ name }) => [name, plannedSlots(name, after)])),
  };
}
