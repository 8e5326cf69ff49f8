import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { pgbouncerProgram } from '../../config/program-folders.ts';
import { Secret } from '../../domain/secret.ts';
import { startPgBouncer } from '../../programs/pgbouncer.ts';
import { freePort } from '../../programs/ports.ts';
import { serverAccount } from '../../programs/server-account.ts';
import type { WorldNetwork } from './world-network.ts';
import { APPLICATION_DATABASE, type ServersWish, USERS, type WorldNode } from './world-servers.ts';

const ADMIN = 'pool_admin';

/** A PgBouncer between the application and the first primary; gives what stands under `route` in the inventory. Error: `program_missing`. */
export async function startWorldPooler({ folder, network, primary, passwords }: { folder: string; network: WorldNetwork; primary: WorldNode; passwords: ServersWish['passwords'] }): Promise<object> {
  await mkdir(folder, { recursive: true });
  const admin = new Secret(randomBytes(12).toString('hex'));
  const passwordFile = join(folder, 'admin-password');
  await writeFile(passwordFile, admin.reveal(), { mode: 0o600 });
  const { port, configFile } = await startPgBouncer({
    program: pgbouncerProgram(),
    folder,
    port: await freePort(),
    databases: { [APPLICATION_DATABASE]: { host: primary.host, port: primary.port, database: APPLICATION_DATABASE } },
    users: { [USERS.application]: passwords.application, [ADMIN]: admin },
    admins: [ADMIN],
    // By default it would not dial again for 15 seconds after a dead primary refused it, wherever the route leads by then.
    settings: { server_login_retry: '0.2', listen_addr: [...new Set(['127.0.0.1', network.home])].join(',') },
    account: await serverAccount(),
  });
  return { kind: 'pgbouncer', host: network.home, port, user: ADMIN, password: `file:${passwordFile}`, database: APPLICATION_DATABASE, configFile };
}
