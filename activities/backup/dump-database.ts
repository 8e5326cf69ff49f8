import { hash } from 'node:crypto';

import { activityInfo, cancellationSignal } from '@temporalio/activity';

import { appendAudit } from '../../catalog/audit.ts';
import { aloneWithBackup } from '../../catalog/backup-turns.ts';
import { changeBackup, readBackup } from '../../catalog/backups.ts';
import { dumpWarnings } from '../../domain/backup/dump-warnings.ts';
import { type BackupManifest, MANIFEST_NAME } from '../../domain/backup/manifest.ts';
import { canonicalJson, toJson } from '../../domain/canonical-json.ts';
import { keyOf } from '../../storage/archive/key.ts';
import { readManifest } from '../../storage/archive/read-manifest.ts';
import { writeManifest } from '../../storage/archive/write-manifest.ts';
import type { Dependencies } from '../dependencies.ts';
import { beating } from '../step.ts';
import { commitDump } from './commit-dump.ts';
import { manifestOf } from './dump-manifest.ts';
import { DumpTelling } from './dump-telling.ts';
import { type DumpDependencies, type DumpWork, takeDump, type TakenDump } from './take-dump.ts';

/** A backup that is stored whole. */
export interface DumpedDatabase {
  readonly backupId: string;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly tables: number;
  readonly rows: number;
  readonly seconds: number;
  readonly manifestSha256: string;
}

/** And what is measured beside. */
export interface StoredDump extends DumpedDatabase {
  /** The most that lay on the staging disk at once; 0 when the backup was there already. */
  readonly peakStagingBytes: number;
}

/** Dumps a database into the store. Again, it goes on with what is there: blocks that the store has are not sent a second time. */
export const dumpDatabase =
  (deps: Dependencies) =>
  async ({ backupId }: { backupId: string }): Promise<DumpedDatabase> => {
    const telling = new DumpTelling();
    return await beating(() => ({ ...telling.facts() }), () => storeDump(deps, backupId, { signal: cancellationSignal(), telling, first: activityInfo().attempt === 1 }));
  };

/** {@link dumpDatabase} outside of Temporal. */
export async function storeDump(deps: DumpDependencies, backupId: string, work: DumpWork): Promise<StoredDump> {
  const there = await findManifest(deps, backupId);
  if (there !== undefined) return await record(deps, there, null);
  const taken = await takeDump(deps, backupId, work);
  const content = manifestOf(taken);
  await changeBackup(deps.catalog, backupId, { state: 'dumped', snapshotAt: taken.snapshot.takenAt, snapshotLsn: taken.snapshot.lsn, dumpSeconds: taken.seconds });
  work.telling.doing('committing');
  return await aloneWithBackup(deps.catalog, backupId, async () => {
    // An attempt that was given up for dead may have finished meanwhile, and its files must stay as its manifest has them.
    const other = await findManifest(deps, backupId);
    if (other !== undefined) return await record(deps, other, null);
    await commitDump(taken.place, taken.staged);
    const { keyId } = taken.backup;
    const { manifest } = await writeManifest(taken.place.store, taken.backup.prefix, content, keyId === null ? undefined : keyOf(deps.keys(), keyId, backupId));
    return await record(deps, manifest, taken);
  });
}

async function findManifest(deps: DumpDependencies, backupId: string): Promise<BackupManifest | undefined> {
  const backup = await readBackup(deps.catalog, backupId);
  const store = deps.store(backup.store);
  if ((await store.stat(backup.prefix + MANIFEST_NAME)) === undefined) return undefined;
  return await readManifest(store, backup.prefix, deps.keys(), { backupId, signed: backup.keyId !== null });
}

/** Writes down that the backup is stored; by an attempt that only found it, without what is known of the dump alone. */
async function record(deps: DumpDependencies, manifest: BackupManifest, taken: TakenDump | null): Promise<StoredDump> {
  const { backupId, database, server, files, tables, snapshot } = manifest;
  const { runId, dumpSeconds } = await readBackup(deps.catalog, backupId);
  const sum = (of: readonly number[]): number => of.reduce((total, one) => total + one, 0);
  const facts = {
    storedBytes: sum(files.map(({ bytes }) => bytes)),
    rawBytes: sum(files.map(({ rawBytes }) => rawBytes)),
    rows: sum(tables.map(({ rows }) => rows)),
    manifestSha256: hash('sha256', canonicalJson(toJson(manifest))),
  };
  const about = taken === null ? {} : { peakStagingBytes: taken.end.peakStagingBytes, heldUpSeconds: taken.end.heldUpSeconds, snapshotAge: taken.snapshotAge, seconds: taken.seconds, warnings: dumpWarnings(taken.scale) };
  await changeBackup(deps.catalog, backupId, { state: 'stored', snapshotAt: snapshot.takenAt, snapshotLsn: snapshot.lsn, ...facts });
  await appendAudit(deps.catalog, { eventId: `${backupId}/stored`, actor: 'pgconvoy', action: 'backup.store', object: `database ${database} on server ${server}`, runId, detail: { backupId, lsn: snapshot.lsn, role: manifest.source.role, tables: tables.length, ...facts, ...about }, result: 'done' });
  return { backupId, tables: tables.length, seconds: taken?.seconds ?? dumpSeconds ?? 0, peakStagingBytes: taken?.end.peakStagingBytes ?? 0, ...facts };
}
