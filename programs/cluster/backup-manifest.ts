import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { OperationError } from '../../domain/errors.ts';
import type { PostgresCluster } from '../postgres-cluster.ts';
import { programPath } from '../postgres-installations.ts';
import { runProgram } from '../run-program.ts';

/** https://www.postgresql.org/docs/current/backup-manifest-format.html */
interface Manifest {
  readonly Files: readonly { readonly Path?: string; readonly 'Encoded-Path'?: string; readonly Size: number; readonly 'Checksum-Algorithm'?: string; readonly Checksum?: string }[];
  readonly 'WAL-Ranges': readonly { readonly Timeline: number; readonly 'Start-LSN': string; readonly 'End-LSN': string }[];
  readonly 'Manifest-Checksum': string;
}

const NAME = 'backup_manifest';
/** Not in a manifest: the log has ranges of its own. */
const NOT_LISTED = /^(backup_manifest|pg_wal\/.*)$/;

/**
 * Every file of a base backup against its manifest, and the log of its range read from end to end. It is done here, and not by pg_verifybackup, which
 * packages of client programs leave out. Throws `clone_damaged`, naming what is wrong.
 */
export async function verifyManifest(cluster: Pick<PostgresCluster, 'installation' | 'account' | 'name'>, folder: string, signal: AbortSignal): Promise<void> {
  const text = await readFile(join(folder, NAME), 'utf8');
  const wrong = (detail: string): OperationError => new OperationError('clone_damaged', `the base backup for node "${cluster.name}" is not what its source sent`, { detail });
  const end = text.lastIndexOf('"Manifest-Checksum"');
  const { Files: files, 'WAL-Ranges': ranges, 'Manifest-Checksum': checksum } = JSON.parse(text) as Manifest;
  if (createHash('sha256').update(text.slice(0, end)).digest('hex') !== checksum) throw wrong('The checksum of the manifest itself is wrong.');
  const listed = new Set<string>();
  for (const file of files) {
    signal.throwIfAborted();
    const path = file.Path ?? Buffer.from(file['Encoded-Path'] ?? '', 'hex').toString();
    listed.add(path);
    if (!NOT_LISTED.test(path)) await verifyFile(join(folder, path), file).catch((error: Error) => Promise.reject(wrong(`File ${path}: ${error.message}`)));
  }
  const strange = (await filesIn(folder)).filter((path) => !listed.has(path) && !NOT_LISTED.test(path));
  if (strange.length > 0) throw wrong(`Not in the manifest: ${strange.slice(0, 5).join(', ')}.`);
  for (const range of ranges) await verifyLog(cluster, join(folder, 'pg_wal'), range).catch((error: OperationError) => Promise.reject(wrong(`The log from ${range['Start-LSN']} to ${range['End-LSN']} cannot be read: ${error.detail ?? error.message}`)));
}

async function verifyFile(path: string, { Size: size, Checksum: checksum, 'Checksum-Algorithm': algorithm }: Manifest['Files'][number]): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(createReadStream(path), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      hash.update(chunk);
    }
  });
  if (bytes !== size) throw new Error(`it has ${bytes} bytes and not ${size}.`);
  if (algorithm === 'SHA256' && hash.digest('hex') !== checksum) throw new Error('its checksum is wrong.');
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

const verifyLog = ({ installation, account }: Pick<PostgresCluster, 'installation' | 'account'>, folder: string, range: Manifest['WAL-Ranges'][number]): Promise<unknown> =>
  runProgram({ program: programPath(installation, 'pg_waldump'), args: ['--quiet', `--path=${folder}`, `--timeline=${range.Timeline}`, `--start=${range['Start-LSN']}`, `--end=${range['End-LSN']}`], env: { LC_ALL: 'C' }, account });
