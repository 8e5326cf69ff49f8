import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Secret } from '../../domain/secret.ts';
import { connect } from '../../postgres/connection.ts';
import { quoteLiteral } from '../../postgres/quoting.ts';
import { startAzurite } from '../../programs/azurite.ts';
import { detachedPid } from '../../programs/detached-process.ts';
import { freePort } from '../../programs/ports.ts';
import { runProgram } from '../../programs/run-program.ts';
import { giveTo, serverAccount } from '../../programs/server-account.ts';
import { partFolder, processFile } from '../demo/demo-folder.ts';
import type { BackupBed } from './backup-bed.ts';

const STANZA = 'bench';
/** Of a store of its own, that is gone with the bench. */
const ACCOUNT = 'pgbackrest';
const KEY = new Secret(Buffer.alloc(64, 5).toString('base64'));

/** Full backups with their WAL, as its guide sets them up: of the whole server, in parallel, by zstd. */
export interface PgBackRest {
  readonly storePid: number;
  backUp(): Promise<{ readonly storedBytes: number }>;
}

/** What the server has to be started with: it is reached by a socket only, and a backup without its WAL is none. */
export const pgBackRestSettings = (socketFolder: string): Record<string, string> => ({ archive_mode: 'on', archive_command: '/bin/true', unix_socket_directories: socketFolder });

/** It speaks TLS only, to a name that stands in the certificate; so it has a store of its own. */
export async function openPgBackRest(bed: BackupBed, jobs: number): Promise<PgBackRest> {
  const folder = await partFolder(bed.folder, 'pgbackrest');
  const account = await serverAccount();
  const tls = await makeCertificate(folder);
  const port = await freePort();
  await startAzurite({ port, dataDir: join(folder, 'data'), account: { name: ACCOUNT, key: KEY }, tls, logFile: join(folder, 'azurite.log'), pidFile: processFile(folder) });
  for (const name of ['log', 'lock']) {
    await mkdir(join(folder, name));
    await giveTo(account, join(folder, name));
  }
  const config = join(folder, 'pgbackrest.conf');
  const { address } = bed.source;
  await writeFile(config, configText(bed, { folder, port, jobs, certFile: tls.certFile }), { mode: 0o600 });
  await giveTo(account, config);
  const run = async (...args: string[]): Promise<string> =>
    (await runProgram({ program: 'pgbackrest', args: [`--config=${config}`, `--stanza=${STANZA}`, ...args], env: { PGPASSWORD: address.password?.reveal() ?? '' }, cwd: '/', ...(account === undefined ? {} : { account }) })).stdout;
  await run('repo-create');
  await run('stanza-create');
  await using session = await connect(address, { purpose: 'bench' });
  await session.execute(`ALTER SYSTEM SET archive_command = ${quoteLiteral(`pgbackrest --config=${config} --stanza=${STANZA} archive-push %p`)}`);
  await session.execute('SELECT pg_catalog.pg_reload_conf()');
  return {
    storePid: (await detachedPid(processFile(folder))) ?? 0,
    backUp: async () => {
      await run('--type=full', '--start-fast', 'backup');
      const [stanza] = JSON.parse(await run('--output=json', 'info')) as { backup: { info: { repository: { delta: number } } }[] }[];
      return { storedBytes: stanza!.backup.at(-1)!.info.repository.delta };
    },
  };
}

/** For the server on this machine, by its socket: another way needs ssh or a daemon of its own. */
function configText(bed: BackupBed, { folder, port, jobs, certFile }: { folder: string; port: number; jobs: number; certFile: string }): string {
  const { port: serverPort, user } = bed.source.address;
  return [
    '[global]',
    'repo1-type=azure', 'repo1-path=/repo', `repo1-azure-account=${ACCOUNT}`, `repo1-azure-container=${STANZA}`, `repo1-azure-key=${KEY.reveal()}`, 'repo1-azure-uri-style=path',
    'repo1-azure-endpoint=localhost', 'repo1-storage-host=localhost', `repo1-storage-port=${port}`, `repo1-storage-ca-file=${certFile}`, 'repo1-bundle=y', 'repo1-retention-full=9',
    'compress-type=zst', `process-max=${jobs}`, `log-path=${join(folder, 'log')}`, `lock-path=${join(folder, 'lock')}`, 'log-level-console=warn',
    `[${STANZA}]`,
    `pg1-path=${join(bed.folder, 'source', 'data')}`, `pg1-port=${serverPort}`, `pg1-socket-path=${bed.socketFolder}`, `pg1-user=${user}`,
    '',
  ].join('\n');
}

async function makeCertificate(folder: string): Promise<{ certFile: string; keyFile: string }> {
  const [certFile, keyFile] = [join(folder, 'store.crt'), join(folder, 'store.key')];
  await runProgram({ program: 'openssl', args: ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', keyFile, '-out', certFile] });
  return { certFile, keyFile };
}
