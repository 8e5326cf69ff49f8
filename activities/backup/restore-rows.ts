import { DATA_END, type ManifestTable } from '../../domain/backup/manifest.ts';
import type { RestoreStep } from '../../domain/backup/restore-steps.ts';
import { OperationError } from '../../domain/errors.ts';
import { markStatement } from '../../postgres/backup/restore-ledger.ts';
import { fillLargeObject } from '../../postgres/backup/restored-large-objects.ts';
import type { Session } from '../../postgres/connection.ts';
import { copyIn } from '../../postgres/copy/copy-in.ts';
import { quoteIdent, quoteLiteral, quoteName } from '../../postgres/quoting.ts';
import { release } from '../../storage/archive/own-memory.ts';
import { readWhole } from './open-backup.ts';
import type { RestoreJob } from './restore-target.ts';

export interface RowsOrder {
  readonly step: RestoreStep;
  readonly table: ManifestTable;
  /** Whether the table is an extension's: it has rows of its own already, and ours come on top. */
  readonly ofExtension: boolean;
  readonly onProgress: (bytes: number) => void;
}

/** Bytes of rows as text. */
const WORTH_FREEZING = 256 * 1024;

/**
 * Streams the rows of a table from the store into the server, in one transaction with the mark that they are in. What was
 * stored is checked before the server hears that the rows have ended (B8, B9), and counted before they are committed (B6).
 */
export async function restoreRows(job: RestoreJob, session: Session, { step, table, ofExtension, onProgress }: RowsOrder): Promise<number> {
  const { backup } = job;
  const relation = quoteName(table.schema, table.name);
  const file = backup.fileNamed(table.file!);
  // Emptied in the same transaction: an attempt that was given up for dead may still have filled it. TRUNCATE, so that the rows can
  // be frozen as they come and no vacuum has to visit them again; it makes a new file, which few rows are not worth.
  const freeze = !ofExtension && file.rawBytes > WORTH_FREEZING;
  await session.execute(ofExtension ? 'BEGIN' : freeze ? `BEGIN; TRUNCATE ONLY ${relation}` : `BEGIN; LOCK TABLE ONLY ${relation}; DELETE FROM ONLY ${relation}`);
  try {
    const rows = await copyIn(session, copyStatement(table, { encoding: job.toc.encoding, freeze }), withoutEnd(backup.read(file, job.signal), file.name), { signal: job.signal, onProgress, onSent: release });
    if (rows !== table.rows) throw damaged(`${table.rows} rows of table ${table.schema}.${table.name} were counted for the manifest and ${rows} are in file ${file.name}`);
    await session.execute(`${markStatement(job.runId, step.id)}; COMMIT`);
    return rows;
  } catch (error) {
    if (!session.lost) await session.execute('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

const copyStatement = ({ schema, name, columns }: ManifestTable, { encoding, freeze }: { encoding: string; freeze: boolean }): string =>
  `COPY ${quoteName(schema, name)}${columns.length === 0 ? '' : ` (${columns.map(quoteIdent).join(', ')})`} FROM STDIN WITH (ENCODING ${quoteLiteral(encoding)}${freeze ? ', FREEZE' : ''})`;

/** The rows of a file of pg_dump, without the mark at their end, which has to be there (B6). */
async function* withoutEnd(content: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  const mark = DATA_END.length;
  let held = Buffer.alloc(0);
  for await (const piece of content) {
    if (piece.length >= mark) {
      // What is held back is passed on by itself: to put it in front of megabytes would copy all of them.
      const tail = Buffer.from(piece.subarray(-mark)); // before the piece is passed on: who has sent it frees it
      yield held;
      yield piece.subarray(0, -mark);
      held = tail;
      continue;
    }
    const all = Buffer.concat([held, piece]);
    yield all.subarray(0, Math.max(0, all.length - mark));
    held = all.subarray(Math.max(0, all.length - mark));
  }
  if (held.toString('latin1') !== DATA_END) throw damaged(`file ${file} does not end as pg_dump ends the rows of a table`);
}

/** Fills the large objects of one list, which the definitions have created empty, in one transaction with the mark. */
export async function restoreLargeObjects(job: RestoreJob, session: Session, step: RestoreStep, list: string): Promise<void> {
  const objects = await readLargeObjectList(job, list);
  await session.transaction(async () => {
    for (const { oid, file } of objects) await fillLargeObject(session, oid, job.backup.read(job.backup.fileNamed(file), job.signal));
    await session.execute(markStatement(job.runId, step.id));
  });
}

/** Lines of `16400 blob_16400.dat`. */
export async function readLargeObjectList({ backup, signal }: Pick<RestoreJob, 'backup' | 'signal'>, list: string): Promise<{ oid: number; file: string }[]> {
  const text = (await readWhole(backup, backup.fileNamed(list), signal)).toString('latin1');
  return text.split('\n').filter(Boolean).map((line) => {
    const [, oid, file] = /^(\d+) (\S+)$/.exec(line) ?? [];
    if (oid === undefined || file === undefined) throw damaged(`file ${list} has a line that names no large object`);
    return { oid: Number(oid), file };
  });
}

const damaged = (detail: string): OperationError => new OperationError('backup_damaged', 'a file of the backup is not what the manifest says', { detail: `${detail[0]!.toUpperCase()}${detail.slice(1)}.` });
