/** Physical slots follow the roles (C3, C7): which each node should have, and what to do about those it has. */
import type { NodeDeclaration } from './node.ts';
import type { PhysicalSlot } from './replication-facts.ts';

const PREFIX = 'pgconvoy_';

/** The slot of a node on its upstream. A slot is named by at most 63 of a-z, 0-9 and _. */
export const slotNameOf = (node: string): string => `${PREFIX}${node.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_')}`.slice(0, 63);

/** One slot for each node that is to stream from `upstream`. */
export const plannedSlots = (upstream: string, nodes: readonly NodeDeclaration[]): readonly string[] => nodes.filter((node) => node.upstream === upstream && node.name !== upstream && node.role !== 'witness').map(({ name }) => slotNameOf(name));

export interface SlotPlan {
  readonly create: readonly string[];
  readonly drop: readonly string[];
  /** Not ours, or in use: a human looks (HA41). */
  readonly alert: readonly string[];
}

/** What brings the slots of a node to the plan. Only our own are dropped, and none that somebody reads. */
export function reconcileSlots(planned: readonly string[], slots: readonly PhysicalSlot[]): SlotPlan {
  const lost = slots.filter(({ active, walStatus }) => walStatus === 'lost' && !active);
  const unplanned = slots.filter(({ name }) => !planned.includes(name));
  const isOurs = ({ name }: PhysicalSlot): boolean => name.startsWith(PREFIX);
  const drop = slots.filter((slot) => isOurs(slot) && !slot.active && (lost.includes(slot) || unplanned.includes(slot)));
  return {
    create: planned.filter((name) => !slots.some((slot) => slot.name === name && !drop.includes(slot))),
    drop: drop.map(({ name }) => name),
    alert: unplanned.filter((slot) => (isOurs(slot) ? slot.active : !slot.active)).map(({ name }) => name),
  };
}
