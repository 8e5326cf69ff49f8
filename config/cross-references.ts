import { checkBackup } from './backup-cross-references.ts';
import { checkClusters } from './cluster-cross-references.ts';
import { checkDrills } from './drill-cross-references.ts';
import type { Complaint } from './finding.ts';
import type { Inventory, MigrationEntry, ServerEntry, StoreEntry } from './inventory-schema.ts';
import { checkNamed } from './named-elsewhere.ts';

/** What the schema cannot see: rules between one part of the inventory and another. */
export function checkCrossReferences(inventory: Inventory): Complaint[] {
  return [
    ...Object.entries(inventory.servers).flatMap(([name, server]) => checkServer(['servers', name], server)),
    ...Object.entries(inventory.migrations).flatMap(([name, migration]) => checkMigration(['migrations', name], { migration, inventory })),
    ...Object.entries(inventory.stores).flatMap(([name, store]) => checkStore(['stores', name], store)),
    ...Object.entries(inventory.backups).flatMap(([name, backup]) => checkBackup(['backups', name], backup, inventory)),
    ...checkClusters(inventory),
    ...Object.entries(inventory.clusters).flatMap(([name, cluster]) => checkDrills(['clusters', name], cluster, inventory)),
  ];
}

const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

function checkStore(path: readonly string[], store: StoreEntry): Complaint[] {
  if (store.kind !== 'azure-blob') return [];
  const complaints: Complaint[] = [];
  if ((store.key === undefined) === (store.sas === undefined)) complaints.push({ path, message: 'needs either key or sas' });
  const { protocol, hostname } = new URL(store.management?.endpoint ?? 'https://management');
  if (protocol !== 'https:' && !LOOPBACK.includes(hostname)) complaints.push({ path: [...path, 'management', 'endpoint'], message: 'is not https, and a token would be sent to it in the open' });
  return complaints;
}

function checkServer(path: readonly string[], { tls }: ServerEntry): Complaint[] {
  const complaints: Complaint[] = [];
  const verifies = tls.mode === 'verify-ca' || tls.mode === 'verify-full';
  if (verifies && tls.ca === undefined) complaints.push({ path: [...path, 'tls', 'mode'], message: `is ${tls.mode}, which needs tls.ca: the file of the certificate authority` });
  if (tls.cert !== undefined && tls.key === undefined) complaints.push({ path: [...path, 'tls', 'cert'], message: 'needs tls.key beside it' });
  if (tls.key !== undefined && tls.cert === undefined) complaints.push({ path: [...path, 'tls', 'key'], message: 'needs tls.cert beside it' });
  return complaints;
}

interface MigrationInInventory {
  readonly migration: MigrationEntry;
  readonly inventory: Inventory;
}

function checkMigration(path: readonly string[], { migration, inventory }: MigrationInInventory): Complaint[] {
  const complaints = [
    ...checkNamed({ kind: 'server', path: [...path, 'source'], name: migration.source, section: inventory.servers }),
    ...checkNamed({ kind: 'server', path: [...path, 'target'], name: migration.target, section: inventory.servers }),
  ];
  const targetDatabase = migration.targetDatabase ?? migration.database;
  const samePlace = migration.source === migration.target && migration.database === targetDatabase;
  if (samePlace) complaints.push({ path: [...path, 'target'], message: 'is the same server and database as the source' });
  const excluded = migration.scope.schemas?.filter((schema) => migration.scope.excludeSchemas.includes(schema)) ?? [];
  if (excluded.length > 0) complaints.push({ path: [...path, 'scope', 'excludeSchemas'], message: `names ${excluded.join(', ')}, which scope.schemas asks for` });
  return complaints;
}
