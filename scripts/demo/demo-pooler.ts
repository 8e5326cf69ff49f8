import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { pgbouncerProgram } from '../../config/program-folders.ts';
import { Secret } from '../../domain/secret.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { startPgBouncer } from '../../programs/pgbouncer.ts';
import { freePort } from '../../programs/ports.ts';
import { serverAccount } from '../../programs/server-account.ts';
import { APPLICATION_ROLE } from '../data/rental-shop.ts';
import { partFolder } from './demo-folder.ts';
import { DATABASE } from './demo-inventory.ts';
import type { Route } from './route.ts';

const ADMIN = 'pool_admin';

export interface DemoPooler {
  /** Where the application goes, before and after. */
  readonly place: Route;
  /** What the inventory has under `cutover.route`. */
  readonly entry: object;
}

/** Starts a PgBouncer between the application and the source. Error: `program_missing`. */
export async function startDemoPooler(demo: string, { source, password }: { source: ServerAddress; password: Secret }): Promise<DemoPooler> {
  const folder = await partFolder(demo, 'pgbouncer');
  const admin = new Secret(randomBytes(18).toString('hex'));
  const passwordFile = join(folder, 'admin-password');
  await writeFile(passwordFile, admin.reveal(), { mode: 0o600 });
  const { host, port, configFile } = await startPgBouncer({
    program: pgbouncerProgram(),
    folder,
    port: await freePort(),
    databases: { [DATABASE]: { host: source.host, port: source.port, database: DATABASE } },
    users: { [APPLICATION_ROLE]: password, [ADMIN]: admin },
    admins: [ADMIN],
    account: await serverAccount(),
  });
  return { place: { host, port, database: DATABASE }, entry: { kind: 'pgbouncer', host, port, user: ADMIN, password: `file:${passwordFile}`, database: DATABASE, configFile } };
}
