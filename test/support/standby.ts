import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { inject } from 'vitest';

import { postgresFolders } from '../../config/program-folders.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect } from '../../postgres/connection.ts';
import { conninfo } from '../../postgres/quoting.ts';
import { freePort } from '../../programs/ports.ts';
import { movePort, type PostgresCluster } from '../../programs/postgres-cluster.ts';
import { startCluster } from '../../programs/postgres-control.ts';
import { findInstallations, pickClients, programPath } from '../../programs/postgres-installations.ts';
import { runProgram } from '../../programs/run-program.ts';
import { giveTo } from '../../programs/server-account.ts';
import type { PrivateServer } from './cluster.ts';
import { endCluster } from './run-folder.ts';
import { uniqueName } from './unique-name.ts';

/** A standby that streams from a server of a test's own. `await using` removes it. */
export interface Standby extends AsyncDisposable {
  readonly server: ServerAddress;
  readonly dataDir: string;
  readonly cluster: PostgresCluster;
  /** Resolves when it has replayed everything that the primary has written until now. */
  caughtUp(): Promise<void>;
}

export async function standbyOf(primary: PrivateServer): Promise<Standby> {
  const { cluster: source, server } = primary;
  const folder = join(inject('runFolder'), uniqueName('standby'));
  await mkdir(folder);
  await giveTo(source.account, folder);
  const clients = pickClients(await findInstallations(postgresFolders()), source.installation.major).installation;
  const dataDir = join(folder, 'data');
  await runProgram({
    program: programPath(clients, 'pg_basebackup'),
    args: ['--pgdata', dataDir, '--checkpoint=fast', '--host', server.host, '--port', String(server.port), '--username', server.user],
    env: { PGPASSWORD: server.password?.reveal() ?? '' },
    account: source.account,
  });
  // Not by --write-recovery-conf: a newer client writes options that an older server does not know.
  const primaryConninfo = conninfo({ host: server.host, port: server.port, user: server.user, password: server.password?.reveal() });
  await appendFile(join(dataDir, 'pgconvoy.conf'), `primary_conninfo = '${primaryConninfo.replaceAll("'", "''")}'\n`);
  await writeFile(join(dataDir, 'standby.signal'), '');
  await giveTo(source.account, join(dataDir, 'standby.signal'));
  const cluster = await movePort({ ...source, name: 'standby', dataDir, logFile: join(folder, 'server.log') }, await freePort());
  await writeFile(cluster.logFile, '');
  await giveTo(source.account, cluster.logFile);
  await startCluster(cluster);
  const address = { ...server, name: 'standby', port: cluster.port };
  return {
    server: address,
    dataDir,
    cluster,
    async caughtUp() {
      await using from = await connect(server, { purpose: 'test' });
      const { lsn } = await from.row<{ lsn: string }>('SELECT pg_current_wal_lsn() AS lsn');
      await using at = await connect(address, { purpose: 'test' });
      while (!(await at.row<{ there: boolean }>('SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS there', [lsn])).there) await sleep(50);
    },
    async [Symbol.asyncDispose]() {
      await endCluster(cluster);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
