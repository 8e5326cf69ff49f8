import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { stringify } from 'yaml';

import type { StoreFacts } from '../../../providers/embedded/store-part.ts';
import { newBackupKey } from '../../../storage/archive/key.ts';
import { DATABASE } from '../demo-inventory.ts';
import type { DemoServer } from '../demo-servers.ts';

export const POLICY = 'shop-nightly';
export const RESTORED = 'shop_restored';

export interface BackupPlan {
  readonly source: DemoServer;
  readonly target: DemoServer;
  readonly store: StoreFacts;
}

/** Writes the inventory as an operator would, with a key of its own. */
export async function writeBackupInventory(folder: string, { source, target, store }: BackupPlan): Promise<void> {
  const keyFile = join(folder, 'backup.key');
  await writeFile(keyFile, newBackupKey().reveal(), { mode: 0o600 });
  const inventory = {
    version: 1,
    servers: { source: entryOf(source), target: entryOf(target) },
    stores: { nightly: { kind: 'azure-blob', endpoint: store.endpoint, account: store.account, container: 'backups', key: `file:${store.keyFile}` } },
    keys: { 'backup-key': `file:${keyFile}` },
    backups: {
      [POLICY]: {
        server: 'source',
        databases: [DATABASE],
        store: 'nightly',
        encryption: 'backup-key',
        schedule: { cron: '30 3 * * *', timeZone: 'Europe/Berlin' },
        staging: { folder: join(folder, 'staging') },
        retention: { keepLast: 7, daily: 7, weekly: 4, monthly: 12, minimumProven: 1 },
        proof: { after: 'every', smoke: [{ name: 'customers', sql: 'SELECT count(*) > 0 FROM shop.customers', expect: true }] },
        objectives: { rpo: '26h', rto: '30m' },
      },
    },
  };
  await writeFile(join(folder, 'pgconvoy.yaml'), stringify(inventory));
}

const entryOf = ({ address: { host, port, user, tls }, passwordFile }: DemoServer) => ({ host, port, user, password: `file:${passwordFile}`, tls });
