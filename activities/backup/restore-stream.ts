import type { ManifestFile } from '../../domain/backup/manifest.ts';
import { OperationError } from '../../domain/errors.ts';
import { restoringName } from '../../postgres/backup/restored-database.ts';
import { countRowsOf } from '../../postgres/backup/restored-state.ts';
import type { Session } from '../../postgres/connection.ts';
import { runScript } from '../../programs/run-script.ts';
import { verdictOn } from './restore-entries.ts';
import type { RestoreJob } from './restore-target.ts';

/** What pg_dump writes last: a script that was cut off has everything but this (B7). */
const END_MARK = '-- PostgreSQL database dump complete';
const TAIL_BYTES = 512;

/** Restores a dump that is one stream, as pg_dump made it: one session, one statement after the other. */
export async function restoreStream(job: RestoreJob): Promise<void> {
  const { server, clients, major: targetMajor, owners, privileges, signal, backup } = job;
  const file = streamOf(job);
  const form = backup.manifest.archive.format === 'plain' ? 'plain' : 'custom';
  const told = withProgress(job, backup.read(file, signal), file);
  try {
    await runScript({ server, database: restoringName(job.runId), clients, form, content: form === 'plain' ? withEnd(told, file.name) : told, targetMajor, owners, privileges, signal });
  } catch (error) {
    throw await verdictOn(error, job, 'all');
  }
}

export function streamOf({ backup }: Pick<RestoreJob, 'backup'>): ManifestFile {
  const file = backup.manifest.files.find(({ kind }) => kind === 'archive');
  if (file === undefined) throw new OperationError('backup_damaged', `the manifest of backup ${backup.backupId} names no archive`);
  return file;
}

async function* withProgress(job: RestoreJob, content: AsyncIterable<Buffer>, { name, rawBytes }: ManifestFile): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of content) {
    yield piece;
    bytes += piece.length;
    job.tell({ doing: `restoring ${name}`, bytes, totalBytes: rawBytes, steps: 0, totalSteps: 1 });
  }
}

async function* withEnd(content: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  let tail = Buffer.alloc(0);
  for await (const piece of content) {
    tail = Buffer.concat([tail, piece.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES);
    yield piece;
  }
  if (!tail.includes(END_MARK)) throw new OperationError('backup_damaged', `file ${file} does not end as pg_dump ends a script`);
}

/** The tables whose rows are not as many as were counted, in words: a stream has no other account of them. */
export async function miscounted({ backup }: Pick<RestoreJob, 'backup'>, session: Session): Promise<string[]> {
  const wrong: string[] = [];
  for (const table of backup.manifest.tables) {
    const rows = await countRowsOf(session, table);
    if (rows !== table.rows) wrong.push(`table ${table.schema}.${table.name}: expected ${table.rows} rows, found ${rows}`);
  }
  return wrong;
}
