import { type BackupRow, readBackup } from '../../catalog/backups.ts';
import { entryNamed } from '../../config/entry-named.ts';
import type { BackupEntry } from '../../config/inventory-schema.ts';
import { parseDuration } from '../../domain/durations.ts';
import { OperationError } from '../../domain/errors.ts';
import { WHOLE_CLUSTER } from '../../domain/backup/whole-cluster.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { countRows, type DumpedTable, listDumpedTables } from '../../postgres/backup/dumped-tables.ts';
import { type DumpSnapshot, snapshotAge, takeDumpSnapshot } from '../../postgres/backup/dump-snapshot.ts';
import { readGlobals } from '../../postgres/backup/globals.ts';
import { canReadVerifiers, listUsedRoles, readScale, readServerIdentity, readSourceFacts, type ScaleFacts, type SourceFacts } from '../../postgres/backup/source-facts.ts';
import type { DumpEnd, DumpProducer } from '../../programs/dump-producer.ts';
import { dumpDirectory } from '../../programs/pg-dump-directory.ts';
import { dumpStream } from '../../programs/pg-dump-stream.ts';
import type { StagingPlace } from '../../programs/staging-folder.ts';
import { keyOf } from '../../storage/archive/key.ts';
import type { StagedFile } from '../../storage/archive/stage-file.ts';
import type { Dependencies } from '../dependencies.ts';
import { explainDumpFailure } from './dump-failures.ts';
import type { DumpTelling } from './dump-telling.ts';
import { type FilePlace, stageDump, stageText } from './stage-dump.ts';
import { trustStore } from './trust-store.ts';
import { startSentry } from './watch-dump.ts';

export type DumpDependencies = Pick<Dependencies, 'catalog' | 'inventory' | 'server' | 'store' | 'staging' | 'keys' | 'clients' | 'cores'>;

export interface DumpWork {
  readonly signal: AbortSignal;
  readonly telling: DumpTelling;
  /** The first attempt finds nothing in the store, and does not look. */
  readonly first: boolean;
}

/** A dump whose files are all in the store, as blocks, and have been held against the source. Nothing of it is an object yet. */
export interface TakenDump {
  readonly backup: BackupRow;
  readonly entry: BackupEntry;
  readonly place: FilePlace;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly snapshot: Pick<DumpSnapshot, 'lsn' | 'takenAt' | 'role'>;
  readonly serverMajor: number;
  readonly source: SourceFacts;
  readonly scale: ScaleFacts;
  readonly roles: readonly string[];
  readonly tables: readonly DumpedTable[];
  readonly rows: ReadonlyMap<number, number>;
  readonly staged: readonly StagedFile[];
  readonly end: DumpEnd;
  readonly seconds: number;
  /** Transactions that vacuum was held back by in the end. */
  readonly snapshotAge: number;
}

/**
 * Dumps a database under a snapshot of ours, compresses, seals and stages its files while they are written, and counts every
 * table under the same snapshot meanwhile.
 *
 * Errors: `dump_failed`, `dump_locked`, `staging_full`, those of the store and the server.
 */
export async function takeDump(deps: DumpDependencies, backupId: string, work: DumpWork): Promise<TakenDump> {
  const backup = await readBackup(deps.catalog, backupId);
  if (backup.policy === null) throw new OperationError('bug', `backup ${backupId} has no policy`);
  const entry = entryNamed('backup policy', deps.inventory().backups, backup.policy);
  const server = deps.server(backup.server);
  const database = backup.database === WHOLE_CLUSTER ? server.maintenanceDatabase : backup.database;
  const purpose = `dump_${backupId}`;
  const store = deps.store(backup.store);
  await trustStore(backup.store, store);
  const begun = performance.now();
  const stop = new AbortController();
  const signal = AbortSignal.any([work.signal, stop.signal]);
  const dataKey = backup.wrappedKey === null || backup.keyId === null ? undefined : keyOf(deps.keys(), backup.keyId, backupId).unwrap(backup.wrappedKey, backupId);
  const place: FilePlace = { store, prefix: backup.prefix, backupId, compression: entry.compression, dataKey, signal, first: work.first };
  const staging = { ...deps.staging(backup.policy), name: backupId };
  const { telling } = work;

  await using sentry = await startSentry(server, database, purpose);
  const identity = await readServerIdentity(sentry.session);
  if (identity.systemId !== backup.systemId) throw otherServer(backup, identity.systemId);
  await using snapshot = await takeDumpSnapshot({ server, database, purpose, lockTimeoutMs: lockTimeoutOf(entry) });
  const { session } = snapshot;
  const scale = await readScale(session);
  const tables = entry.format === 'cluster' ? [] : await listDumpedTables(session, { standby: snapshot.role === 'standby' });
  try {
    const [source, roles, globals] = [await readSourceFacts(session), await listUsedRoles(session), await readGlobals(session)];
    await using producer = await produce(deps, { entry, server, database, snapshot, staging, purpose, sealed: dataKey !== undefined, signal });
    telling.watch(producer, () => sentry.waits);
    const counting = { server, database, purpose, snapshot: snapshot.name, tables, lanes: entry.jobs, lockTimeoutMs: lockTimeoutOf(entry), signal };
    const [staged, rows] = await Promise.all([stageDump(producer, place, (bytes) => telling.stored(bytes)), countRows(counting)]);
    const end = await producer.ended;
    const beside = entry.format === 'cluster' ? [] : [await stageText(place, 'globals.sql', globals)];
    telling.doing('checking the dump');
    return {
      backup, entry, place, startedAt: identity.now, finishedAt: (await readServerIdentity(sentry.session)).now, snapshot, serverMajor: session.major, source, scale, roles, tables,
      rows, staged: [...staged, ...beside], end, seconds: (performance.now() - begun) / 1000, snapshotAge: await snapshotAge(session),
    };
  } catch (error) {
    stop.abort(); // what still counts or stages
    work.signal.throwIfAborted();
    throw await explainDumpFailure(error, { backup, sentry, scale, standby: snapshot.role === 'standby', lockTimeoutMs: lockTimeoutOf(entry) });
  }
}

interface Production {
  readonly entry: BackupEntry;
  readonly server: ServerAddress;
  readonly database: string;
  readonly snapshot: DumpSnapshot;
  readonly staging: StagingPlace;
  readonly purpose: string;
  readonly sealed: boolean;
  readonly signal: AbortSignal;
}

/** The client is at least as new as the server (B12). */
async function produce(deps: DumpDependencies, { entry, snapshot, sealed, ...order }: Production): Promise<DumpProducer> {
  const { session } = snapshot;
  const clients = await deps.clients(session.major);
  const lockTimeoutMs = lockTimeoutOf(entry);
  if (entry.format === 'directory') return await dumpDirectory({ ...order, clients, snapshot: snapshot.name, jobs: entry.jobs, lockTimeoutMs });
  // Verifiers of passwords lie in a store only where they are sealed.
  const passwords = sealed && (await canReadVerifiers(session));
  return await dumpStream({ ...order, clients, format: entry.format, snapshot: snapshot.name, lockTimeoutMs, passwords });
}

const lockTimeoutOf = ({ lockTimeout }: BackupEntry): number => parseDuration(lockTimeout) ?? 30_000;

const otherServer = (backup: BackupRow, systemId: string | null): OperationError =>
  new OperationError('dump_failed', `server ${backup.server} is another one than when backup ${backup.backupId} began`, { detail: `Its system identifier was ${backup.systemId ?? 'unknown'} and is ${systemId ?? 'unknown'}.` });
