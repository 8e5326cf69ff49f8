import { type BackupManifest, MANIFEST_FORMAT, type ManifestTable } from '../../domain/backup/manifest.ts';
import { matchDump } from '../../domain/backup/match-dump.ts';
import { OperationError } from '../../domain/errors.ts';
import type { TakenDump } from './take-dump.ts';

/** The manifest of a dump, once it agrees with what the server said for itself. Error: `dump_failed`. */
export function manifestOf(taken: TakenDump): Omit<BackupManifest, 'signature'> {
  const { backup, entry, snapshot, staged, end } = taken;
  return {
    format: MANIFEST_FORMAT,
    backupId: backup.backupId,
    policy: backup.policy,
    server: backup.server,
    database: backup.database,
    systemId: backup.systemId,
    source: { role: snapshot.role, serverMajor: taken.serverMajor, clientVersion: end.clientVersion, ...taken.source },
    snapshot: { lsn: snapshot.lsn, takenAt: snapshot.takenAt },
    startedAt: taken.startedAt,
    finishedAt: taken.finishedAt,
    archive: { format: entry.format, compression: entry.compression, jobs: entry.format === 'directory' ? entry.jobs : 1 },
    files: staged.map(({ file }) => file).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    tables: tablesOf(taken),
    largeObjects: taken.scale.largeObjects,
    roles: taken.roles,
    encryption: backup.keyId === null || backup.wrappedKey === null ? null : { algorithm: 'AES-256-GCM', keyId: backup.keyId, wrappedKey: backup.wrappedKey },
  };
}

/** A stream has no files of its tables to compare; their rows are counted all the same. */
function tablesOf({ backup, tables, rows, scale, end, staged }: TakenDump): readonly ManifestTable[] {
  if (end.toc === undefined) return tables.map(({ schema, name, columns, oid }) => ({ schema, name, file: null, columns, rows: rows.get(oid) ?? 0, contentSha256: null }));
  const files = new Map(staged.map(({ file, contentSha256, lines }) => [file.name, { contentSha256, lines }]));
  const { tables: matched, problems } = matchDump({ tables, rows, largeObjects: scale.largeObjects, toc: end.toc, files });
  if (problems.length === 0) return matched;
  throw new OperationError('dump_failed', `the dump of database ${backup.database} on server ${backup.server} is not what the server has`, { detail: problems.slice(0, 20).join('\n'), context: { problems: problems.length } });
}
