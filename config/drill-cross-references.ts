import type { ClusterEntry } from './cluster-schema.ts';
import type { Complaint } from './finding.ts';
import type { Inventory } from './inventory-schema.ts';
import { checkNamed } from './named-elsewhere.ts';

/** Rules between the drills of a cluster and the rest of the inventory. */
export function checkDrills(path: readonly string[], { drills, drilling }: ClusterEntry, inventory: Inventory): Complaint[] {
  const { backup } = drilling;
  return [
    ...(backup === undefined || backup === 'waived' ? [] : checkNamed({ kind: 'backup', path: [...path, 'drilling', 'backup'], name: backup, section: inventory.backups })),
    ...Object.entries(drills).flatMap(([name, { kind, schedule, consentBy }]) => [
      ...(schedule !== undefined && consentBy === undefined ? [{ path: [...path, 'drills', name, 'schedule'], message: 'needs consentBy beside it: nobody is there to agree when it is held' }] : []),
      ...(kind === 'partition' && drilling.partition === undefined ? [{ path: [...path, 'drills', name, 'kind'], message: 'is partition, which needs drilling.partition: the command that cuts a node off' }] : []),
    ]),
  ];
}
