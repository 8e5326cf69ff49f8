import type { Complaint } from './finding.ts';
import type { BackupEntry, Inventory } from './inventory-schema.ts';
import { checkNamed } from './named-elsewhere.ts';
import { EMBEDDED_STORE } from './resolve-store.ts';

/** Rules between the fields of a policy, and between it and the rest of the inventory. */
export function checkBackup(path: readonly string[], backup: BackupEntry, inventory: Inventory): Complaint[] {
  const { server, store, encryption, proof } = backup;
  const embedded = store === EMBEDDED_STORE && Object.keys(inventory.stores).length === 0;
  return [
    ...checkNamed({ kind: 'server', path: [...path, 'server'], name: server, section: inventory.servers }),
    ...(embedded ? [] : checkNamed({ kind: 'store', path: [...path, 'store'], name: store, section: inventory.stores })),
    ...(encryption === undefined ? [] : checkNamed({ kind: 'key', path: [...path, 'encryption'], name: encryption, section: inventory.keys })),
    ...(proof.where === 'local' ? [] : checkNamed({ kind: 'server', path: [...path, 'proof', 'where'], name: proof.where, section: inventory.servers })),
    ...(backup.format === 'cluster' && backup.databases !== 'all' ? [{ path: [...path, 'databases'], message: 'must be all: the format cluster takes the whole server' }] : []),
    ...(proof.after === 'every' && backup.format === 'cluster' ? [{ path: [...path, 'proof', 'after'], message: 'is every, but a backup of the format cluster cannot be proven: say never' }] : []),
    ...checkTwice(path, backup),
  ];
}

function checkTwice(path: readonly string[], { databases, proof }: BackupEntry): Complaint[] {
  const twice = (names: readonly string[]): string[] => [...new Set(names.filter((name, index) => names.indexOf(name) < index))];
  return [
    ...(databases === 'all' ? [] : twice(databases).map((name) => ({ path: [...path, 'databases'], message: `names ${name} twice` }))),
    ...twice(proof.smoke.map(({ name }) => name)).map((name) => ({ path: [...path, 'proof', 'smoke'], message: `has two queries of the name ${name}` })),
  ];
}
