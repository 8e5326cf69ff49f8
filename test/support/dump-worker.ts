/** A process that dumps and that tests kill: `node dump-worker.ts`, with a {@link DumpWorkerPlan} as JSON on stdin. */
import { text } from 'node:stream/consumers';

import { storeDump } from '../../activities/backup/dump-database.ts';
import { DumpTelling } from '../../activities/backup/dump-telling.ts';
import { openCatalog } from '../../catalog/open-catalog.ts';
import { inventorySchema } from '../../config/inventory-schema.ts';
import { Secret } from '../../domain/secret.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { openBackupKey } from '../../storage/archive/key.ts';
import { openStore } from '../../storage/open-store.ts';
import { testClients } from './small-backup.ts';

interface PlainServer extends Omit<ServerAddress, 'password' | 'tls'> {
  readonly password: string;
}

export interface DumpWorkerPlan {
  readonly backupId: string;
  readonly source: PlainServer;
  readonly catalog: { readonly server: PlainServer; readonly database: string };
  readonly store: { readonly endpoint: string; readonly account: string; readonly container: string; readonly key: string };
  readonly key: string;
  readonly policy: string;
  readonly staging: { readonly folder: string; readonly limitBytes: number };
}

const serverOf = ({ password, ...server }: PlainServer): ServerAddress => ({ ...server, password: new Secret(password), tls: { mode: 'disable' } });

const plan = JSON.parse(await text(process.stdin)) as DumpWorkerPlan;
const inventory = inventorySchema.parse({ version: 1, servers: { source: { host: plan.source.host, user: plan.source.user } }, keys: { nightly: 'env:NEVER_READ' }, backups: { [plan.policy]: { server: 'source', databases: 'all', encryption: 'nightly' } } });
await storeDump(
  {
    catalog: await openCatalog(serverOf(plan.catalog.server), plan.catalog.database),
    inventory: () => inventory,
    server: () => serverOf(plan.source),
    store: () => openStore({ kind: 'azure-blob', ...plan.store, key: new Secret(plan.store.key), prefix: '' }),
    staging: () => plan.staging,
    keys: () => [openBackupKey(new Secret(plan.key))],
    clients: testClients,
    cores: 2,
  },
  plan.backupId,
  { signal: new AbortController().signal, telling: new DumpTelling(), first: true },
);
