import type { TocEntry } from '../../domain/backup/archive-toc.ts';
import { OperationError } from '../../domain/errors.ts';
import { restoringName } from '../../postgres/backup/restored-database.ts';
import { connect } from '../../postgres/connection.ts';
import { restoreSection } from '../../programs/pg-archive.ts';
import type { RestoreJob } from './restore-target.ts';

/** Entries of one section, made by pg_restore in its own order. */
export async function restoreEntries(job: RestoreJob, section: 'pre-data' | 'data' | 'post-data', only: (entry: number) => boolean): Promise<void> {
  const { server, clients, major, owners, privileges, tablespaces, tocBytes, signal } = job;
  const wanted = (line: string): boolean => {
    const id = /^(\d+);/.exec(line)?.[1];
    return id === undefined || (job.chosen.has(Number(id)) && only(Number(id)));
  };
  try {
    await restoreSection({
      server,
      database: restoringName(job.runId),
      clients,
      archive: tocBytes,
      form: 'directory',
      targetMajor: major,
      section,
      select: (list) => list.split('\n').filter(wanted).join('\n'),
      owners,
      privileges,
      tablespaces,
      signal,
    });
  } catch (error) {
    throw await verdictOn(error, job, section);
  }
}

/**
 * pg_restore ends with 1 whatever the reason. When it was not killed and the server is there and well, the reason was what the
 * server thought of a statement.
 */
export async function verdictOn(error: unknown, job: RestoreJob, section: string): Promise<unknown> {
  if (!(error instanceof OperationError) || error.code !== 'program_failed' || error.context?.['signal'] !== null) return error;
  job.signal.throwIfAborted();
  await using session = await connect(job.server, { purpose: `restore_${job.runId}`, database: restoringName(job.runId) });
  // Needs room on the disk and a lock, as any statement does: a server that cannot do this was not to blame the archive.
  await session.transaction(async () => await session.execute('CREATE TEMPORARY TABLE pgconvoy_probe ON COMMIT DROP AS SELECT pg_catalog.repeat(md5(g::text), 8) AS filler FROM pg_catalog.generate_series(1, 8192) g'));
  return new OperationError('schema_failed', `the ${section} objects of the archive could not be created in ${session.place()}`, { detail: error.detail, cause: error });
}

/** Large objects, empty, with owners, comments and grants; from pg_dump 17 on they are part of the data. */
export const largeObjectEntries = (entries: readonly TocEntry[]): ReadonlySet<number> => {
  const made = new Set(entries.filter(({ kind, section }) => kind === 'BLOB METADATA' && section === 'data').map(({ id }) => id));
  return new Set([...made, ...entries.filter(({ kind, needs }) => kind !== 'BLOBS' && needs.some((need) => made.has(need))).map(({ id }) => id)]);
};

/** Sets every sequence to where it was. */
export const sequencePositions = (entries: readonly TocEntry[], chosen: ReadonlySet<number>): string[] => entries.filter(({ kind, id }) => kind === 'SEQUENCE SET' && chosen.has(id)).map(({ definition }) => definition);
