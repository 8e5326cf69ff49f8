import { z } from 'zod';

import { TLS_MODES } from '../domain/server.ts';
import { backupSchema, keySchema } from './backup-schema.ts';
import { clusterSchema } from './cluster-schema.ts';
import { duration, name, secretReference, size } from './inventory-fields.ts';
import { routeSchema } from './route-schema.ts';

const qualifiedTable = z.string().min(1).describe('schema.table; * stands for any run of characters.');

export const tlsSchema = z.strictObject({
  mode: z.enum(TLS_MODES).default('prefer').describe("How far TLS is demanded, in libpq's words."),
  ca: z.string().optional().describe('File with the certificate authority (PEM). Demanded by verify-ca and verify-full.'),
  cert: z.string().optional().describe('File with our client certificate (PEM).'),
  key: z.string().optional().describe('File with the key of our client certificate (PEM).'),
});

export const serverSchema = z.strictObject({
  host: z.string().min(1).describe('Name or address, as this machine dials it.'),
  port: z.number().int().min(1).max(65_535).default(5432),
  user: z.string().min(1).describe('The role that pgconvoy works with; `pgconvoy grants` prints the least it needs.'),
  password: secretReference.optional(),
  maintenanceDatabase: z.string().min(1).default('postgres').describe('The database for questions about the server itself.'),
  tls: tlsSchema.prefault({}),
  provider: z.enum(['self-managed', 'azure']).default('self-managed').describe('Who runs the server: it decides how it is fenced and rerouted.'),
  reachedFromTarget: z
    .strictObject({
      host: z.string().min(1),
      port: z.number().int().min(1).max(65_535).optional(),
      tlsRootCert: z.string().optional().describe('Path of the CA file on the TARGET host, for verify-ca and verify-full.'),
    })
    .optional()
    .describe('How the target of a migration dials this server, where that differs from how we do.'),
});

export const NO_IDENTITY_CHOICES = ['full', 'insert-only', 'skip'] as const;

export const migrationSchema = z.strictObject({
  source: name.describe('Name of the server to move from.'),
  target: name.describe('Name of the server to move to.'),
  database: z.string().min(1).describe('The database on the source.'),
  targetDatabase: z.string().min(1).optional().describe('The database on the target; the same name by default. Created when missing.'),
  mode: z.enum(['online', 'offline']).default('online').describe('online: the application keeps writing; offline: a plain copy of a database at rest.'),
  scope: z
    .strictObject({
      schemas: z.array(z.string().min(1)).optional().describe('Only these schemas.'),
      excludeSchemas: z.array(z.string().min(1)).default([]),
      excludeTables: z.array(qualifiedTable).default([]),
    })
    .prefault({}),
  owners: z.boolean().default(true).describe('Keep the owners of objects; false gives everything to our role on the target.'),
  privileges: z.boolean().default(true).describe('Keep GRANTs and default privileges.'),
  roles: z.record(z.string(), z.string()).default({}).describe('Role on the source: role on the target, for owners, grants and policies. The role on the target has to exist.'),
  noIdentity: z
    .record(z.string(), z.enum(NO_IDENTITY_CHOICES))
    .default({})
    .describe('What to do with a table that has no replica identity: schema.table (or a pattern with *): full | insert-only | skip.'),
  copy: z
    .strictObject({
      lanes: z.number().int().min(1).max(64).optional().describe("How many tables or indexes are worked on at once; the target's CPU is the bound. Default: the cores of the worker's machine, at least 2."),
      splitAbove: size.default('1GB').describe('Tables above this size are copied in parts.'),
      maintenanceWorkMem: size.optional().describe('maintenance_work_mem of each index build.'),
    })
    .prefault({}),
  verify: z.enum(['full', 'counts']).default('full').describe('Hash every row on both sides, or count only.'),
  approval: z.enum(['required', 'none']).default('required').describe('Whether the cutover waits for `pgconvoy migrate approve`.'),
  commit: z.enum(['required', 'automatic']).default('required').describe('Whether the run waits for `pgconvoy migrate commit` after the switch, while going back is still cheap.'),
  cutover: z
    .strictObject({
      budget: duration.default('10s').describe('The longest write pause; past it the cutover takes itself back.'),
      attempts: z.number().int().min(1).max(10).default(3).describe('How often the cutover may take itself back before it asks for approval again.'),
      maxLag: size.default('1MB').describe('The window does not begin before the lag is below this.'),
      route: routeSchema.prefault({ kind: 'none' }),
    })
    .prefault({}),
});

const managementSchema = z.strictObject({
  subscription: z.guid('is not the id of a subscription').describe('Id of the Azure subscription of the account.'),
  resourceGroup: z.string().regex(/^[-\w.()]{1,90}$/, 'is not the name of a resource group'),
  endpoint: z.url('is not a URL').default('https://management.azure.com').describe('Of the Azure Resource Manager; other clouds have another.'),
  token: secretReference.optional().describe('A bearer token for it. Without one: the identity of the machine, as DefaultAzureCredential of @azure/identity finds it.'),
});

export const storeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('azure-blob'),
    endpoint: z.url('is not a URL').describe('https://<account>.blob.core.windows.net, or the address of Azurite.'),
    account: z.string().min(1),
    container: z.string().min(3).max(63),
    key: secretReference.optional(),
    sas: secretReference.optional(),
    prefix: z.string().default(''),
    management: managementSchema.optional().describe('How to ask the management of the account for its lifecycle rules; only `pgconvoy backup check` does.'),
  }),
  z.strictObject({ kind: z.literal('directory'), path: z.string().min(1) }),
]);

/**
 * The inventory file, `pgconvoy.yaml`: what there is and what is wanted. Names given here are the only thing that
 * workflow inputs, histories and messages ever contain.
 */
export const inventorySchema = z.strictObject({
  version: z.literal(1),
  servers: z.record(name, serverSchema).default({}),
  stores: z.record(name, storeSchema).default({}),
  keys: z.record(name, keySchema).default({}),
  migrations: z.record(name, migrationSchema).default({}),
  backups: z.record(name, backupSchema).default({}),
  clusters: z.record(name, clusterSchema).default({}),
});

export type Inventory = z.output<typeof inventorySchema>;
export type ServerEntry = Inventory['servers'][string];
export type MigrationEntry = Inventory['migrations'][string];
export type StoreEntry = Inventory['stores'][string];
export type ClusterEntry = Inventory['clusters'][string];
export type BackupEntry = Inventory['backups'][string];
export type RouteEntry = MigrationEntry['cutover']['route'];
