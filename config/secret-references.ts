import type { Complaint } from './finding.ts';
import type { Inventory, RouteEntry } from './inventory-schema.ts';
import { secretProblem } from './secrets.ts';

interface ReferenceInInventory {
  readonly path: readonly string[];
  readonly reference: string;
}

/** Warnings, not errors: the worker may run on another machine, which has the secret. */
export function checkSecrets(inventory: Inventory, baseDir: string): Complaint[] {
  return secretReferences(inventory).flatMap(({ path, reference }): Complaint[] => {
    const problem = secretProblem({ reference, path: path.join('.') }, baseDir);
    return problem === undefined ? [] : [{ severity: 'warning', path, message: `refers to ${reference}. ${problem}` }];
  });
}

/** Every secret reference of an inventory with its path. */
export function secretReferences(inventory: Inventory): ReferenceInInventory[] {
  return [
    ...Object.entries(inventory.servers).flatMap(([name, { password }]) => at(['servers', name, 'password'], password)),
    ...Object.entries(inventory.stores).flatMap(([name, store]) => (store.kind === 'azure-blob' ? [...at(['stores', name, 'key'], store.key), ...at(['stores', name, 'sas'], store.sas), ...at(['stores', name, 'management', 'token'], store.management?.token)] : [])),
    ...Object.entries(inventory.keys).flatMap(([name, reference]) => at(['keys', name], reference)),
    ...Object.entries(inventory.migrations).flatMap(([name, { cutover }]) => at(['migrations', name, 'cutover', 'route', 'password'], passwordOf(cutover.route))),
    ...Object.entries(inventory.clusters).flatMap(([name, { superuser, replication, application, route }]) => [
      ...Object.entries({ superuser, replication, application }).flatMap(([login, entry]) => at(['clusters', name, login, 'password'], entry?.password)),
      ...at(['clusters', name, 'route', 'password'], passwordOf(route)),
    ]),
  ];
}

const passwordOf = (route: RouteEntry): string | undefined => (route.kind === 'pgbouncer' ? route.password : undefined);

const at = (path: readonly string[], reference: string | undefined): ReferenceInInventory[] => (reference === undefined ? [] : [{ path, reference }]);
