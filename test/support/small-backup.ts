import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { postgresFolders } from '../../config/program-folders.ts';
import { readToc } from '../../domain/backup/archive-toc.ts';
import type { BackupManifest, FileKind, ManifestTable } from '../../domain/backup/manifest.ts';
import { connect } from '../../postgres/connection.ts';
import { quoteName } from '../../postgres/quoting.ts';
import { findInstallations, pickClients, type PostgresInstallation, programPath } from '../../programs/postgres-installations.ts';
import { runProgram } from '../../programs/run-program.ts';
import { commitFile } from '../../storage/archive/commit-file.ts';
import { newDataKey } from '../../storage/archive/data-key.ts';
import type { BackupKey } from '../../storage/archive/key.ts';
import { stageFile, type StagedFile } from '../../storage/archive/stage-file.ts';
import { writeManifest } from '../../storage/archive/write-manifest.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { DatabasePlace } from './same-databases.ts';

export interface SmallBackupWish {
  readonly store: ObjectStore;
  readonly key?: BackupKey | undefined;
  readonly backupId?: string;
  /** Changes the manifest before it is signed and written. */
  readonly edit?: (manifest: Omit<BackupManifest, 'signature'>) => Omit<BackupManifest, 'signature'>;
}

export interface SmallBackup {
  readonly backupId: string;
  readonly prefix: string;
  readonly manifest: BackupManifest;
  readonly manifestSha256: string;
}

export const testClients = async (atLeastMajor: number): Promise<PostgresInstallation> => pickClients(await findInstallations(postgresFolders()), atLeastMajor).installation;

/** A backup of a database that nobody writes to, by pg_dump and the functions of the archive alone. */
export async function makeSmallBackup({ server, database }: DatabasePlace, { store, key, backupId = '20261120T020000Z-0123abcd', edit = (manifest) => manifest }: SmallBackupWish): Promise<SmallBackup> {
  const prefix = `system/${database.replaceAll(/[^a-z0-9_]/gi, '%')}/${backupId}/`;
  const folder = await mkdtemp(join(tmpdir(), 'pgconvoy-small-'));
  await using _ = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
  await using session = await connect(server, { purpose: 'test', database });
  const clients = await testClients(session.major);
  const env = { PGHOST: server.host, PGPORT: String(server.port), PGUSER: server.user, PGPASSWORD: server.password?.reveal() ?? '', PGTZ: 'UTC', PGOPTIONS: '-c bytea_output=hex -c synchronize_seqscans=off -c extra_float_digits=3' };
  await runProgram({ program: programPath(clients, 'pg_dump'), args: ['-Fd', '-Z0', '-j2', '--dbname', database, '--file', join(folder, 'archive')], env });
  const dataKey = key === undefined ? undefined : newDataKey();
  const staged = new Map<string, StagedFile>();
  for (const name of (await readdir(join(folder, 'archive'))).toSorted()) {
    const path = join(folder, 'archive', name);
    const file = await stageFile({ store, prefix, backupId, name, kind: kindOf(name), content: createReadStream(path), compression: 'zstd', dataKey, signal: new AbortController().signal });
    await commitFile(store, prefix, file, new AbortController().signal);
    staged.set(name, file);
  }
  const toc = readToc(await readToBuffer(join(folder, 'archive', 'toc.dat')));
  const tables: ManifestTable[] = [];
  for (const { kind, schema, tag, file } of toc.entries) {
    if (kind !== 'TABLE DATA' || file === null) continue;
    const columns = await session.rows<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ${session.major >= 12 ? "AND attgenerated = ''" : ''} ORDER BY attnum`,
      [quoteName(schema!, tag)],
    );
    const { count } = await session.row<{ count: number }>(`SELECT count(*) AS count FROM ONLY ${quoteName(schema!, tag)}`);
    tables.push({ schema: schema!, name: tag, file, columns: columns.map(({ name }) => name), rows: count, contentSha256: staged.get(file)!.contentSha256 });
  }
  const facts = await session.row<{ encoding: string; collation: string; characterType: string; owner: string; lsn: string; at: string; roles: string[]; largeObjects: number; settings: string[] }>(
    `SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS collation, datctype AS "characterType", pg_get_userbyid(datdba) AS owner,
            pg_current_wal_lsn()::text AS lsn, to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at,
            ARRAY(SELECT DISTINCT r.rolname::text FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid WHERE s.refclassid = 'pg_authid'::regclass AND s.dbid = d.oid ORDER BY 1) AS roles,
            (SELECT count(*) FROM pg_largeobject_metadata) AS "largeObjects",
            coalesce((SELECT setconfig FROM pg_db_role_setting WHERE setdatabase = d.oid AND setrole = 0), '{}') AS settings
       FROM pg_database d WHERE datname = current_database()`,
  );
  const extensions = await session.rows<{ name: string; version: string; schema: string }>('SELECT extname AS name, extversion AS version, n.nspname AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace');
  const manifest: Omit<BackupManifest, 'signature'> = {
    format: 'pgconvoy-backup/1',
    backupId,
    policy: null,
    server: server.name,
    database,
    systemId: 'system',
    source: { role: 'primary', serverVersion: `${session.major}`, serverMajor: session.major, clientVersion: clients.version, encoding: facts.encoding, collation: facts.collation, characterType: facts.characterType, owner: facts.owner, settings: facts.settings, extensions },
    snapshot: { lsn: facts.lsn, takenAt: facts.at },
    startedAt: facts.at,
    finishedAt: facts.at,
    archive: { format: 'directory', compression: 'zstd', jobs: 2 },
    files: [...staged.values()].map(({ file }) => file),
    tables,
    largeObjects: facts.largeObjects,
    roles: facts.roles,
    encryption: key === undefined ? null : { algorithm: 'AES-256-GCM', keyId: key.keyId, wrappedKey: key.wrap(dataKey!, backupId) },
  };
  const written = await writeManifest(store, prefix, edit(manifest), key);
  return { backupId, prefix, manifest: written.manifest, manifestSha256: written.sha256 };
}

const kindOf = (name: string): FileKind => (name === 'toc.dat' ? 'toc' : name.startsWith('blob') ? 'large-objects' : 'data');

async function readToBuffer(path: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of createReadStream(path)) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
