import type { BackupProof } from '../../catalog/backup-proofs.ts';
import type { BackupRow } from '../../catalog/backups.ts';
import { type BackupManifest, MANIFEST_NAME } from '../../domain/backup/manifest.ts';
import type { ErrorReport } from '../../domain/errors.ts';
import { bytesText } from '../../domain/migration/progress.ts';
import { secondsText } from '../migration/progress-text.ts';
import { styled, textTable } from '../output.ts';
import { errorLines } from '../print-error.ts';
import { timeText } from './list.ts';

export interface ShownBackup {
  readonly backup: Omit<BackupRow, 'wrappedKey'>;
  readonly proofs: readonly BackupProof[];
  /** Null when the store has none, or it could not be read: then `problem` says why. */
  readonly manifest: BackupManifest | null;
  readonly problem: ErrorReport | null;
}

/** Tables that are listed without being asked for: the largest. */
const TABLES_SHOWN = 10;

/** Everything `pgconvoy backup show` says. */
export function backupText({ backup, proofs, manifest, problem }: ShownBackup, wish: { tables: boolean; files: boolean }): string {
  return [
    `backup ${styled('bold', backup.backupId)} of database ${styled('bold', backup.database)} on server ${backup.server}: ${styled('bold', backup.state)}`,
    factLines(backup, manifest).join('\n'),
    ...(backup.error === null ? [] : [errorLines(backup.error)]),
    ...(problem === null ? [] : [errorLines(problem)]),
    ...(proofs.length === 0 ? ['Never proven.'] : [proofs.map(proofText).join('\n')]),
    ...(manifest === null ? [] : [tableText(manifest, wish.tables)]),
    ...(manifest !== null && wish.files ? [fileText(manifest)] : []),
    ...(manifest === null ? [] : [byHand(backup, manifest)]),
  ].join('\n\n');
}

function factLines(backup: ShownBackup['backup'], manifest: BackupManifest | null): string[] {
  const { policy, runId, snapshotAt, snapshotLsn, storedBytes, rawBytes, rows, store, prefix, keyId, hold, dumpSeconds, restoreSeconds } = backup;
  const facts: [string, string | undefined][] = [
    ['policy', `${policy ?? 'none'}, run ${runId}`],
    ['snapshot', snapshotAt === null ? undefined : `${timeText(snapshotAt)} at ${snapshotLsn ?? '?'}${manifest?.source.role === 'standby' ? ', from a standby' : ''}`],
    ['size', storedBytes === null ? undefined : `${bytesText(storedBytes)} stored, ${bytesText(rawBytes ?? 0)} uncompressed, ${(rows ?? 0).toLocaleString('en')} rows${dumpSeconds === null ? '' : `, in ${secondsText(dumpSeconds)}`}`],
    ['restore', restoreSeconds === null ? undefined : `took ${secondsText(restoreSeconds)}`],
    ['server', manifest === null ? undefined : `PostgreSQL ${manifest.source.serverVersion}, dumped by pg_dump ${manifest.source.clientVersion}`],
    ['store', `${store}, folder ${prefix}`],
    ['key', keyId === null ? 'NONE: neither encrypted nor signed' : `${keyId}, encrypted and signed`],
    ['hold', hold === null ? undefined : `since ${timeText(hold.at)} by ${hold.by}: ${hold.reason}`],
  ];
  return facts.flatMap(([name, text]) => (text === undefined ? [] : [`${name.padEnd(9)} ${text}`]));
}

function proofText({ verdict, at, runId, seconds, signature, evidence }: BackupProof): string {
  const { reasons } = (evidence ?? {}) as { reasons?: unknown };
  const why = verdict === 'rejected' && Array.isArray(reasons) ? reasons.slice(0, 20).map((reason) => `\n  ${String(reason)}`) : [];
  const took = partTexts((seconds ?? {}) as Record<string, number>);
  return `${styled(verdict === 'proven' ? 'green' : 'red', verdict)} ${timeText(at)} by run ${runId}${took.length === 0 ? '' : ` (${took.join(', ')})`}${signature === null ? '' : ', signed'}${why.join('')}`;
}

/** In the order in which they are done: the catalog keeps none. */
const PARTS = ['download', 'restore', 'compare', 'structures', 'smoke'];
const partTexts = (seconds: Readonly<Record<string, number>>): string[] =>
  Object.keys(seconds).toSorted((left, right) => PARTS.indexOf(left) - PARTS.indexOf(right)).map((part) => `${part} ${secondsText(seconds[part]!)}`);

function tableText({ tables, files }: BackupManifest, all: boolean): string {
  const bytesOf = new Map(files.map(({ name, rawBytes }) => [name, rawBytes]));
  const sized = tables.map(({ schema, name, rows, file }) => ({ name: `${schema}.${name}`, rows, bytes: file === null ? null : (bytesOf.get(file) ?? null) }));
  const shown = sized.toSorted((left, right) => (right.bytes ?? -1) - (left.bytes ?? -1)).slice(0, all ? sized.length : TABLES_SHOWN);
  const rest = sized.length > shown.length ? `\nand ${sized.length - shown.length} smaller ones (--tables)` : '';
  return `${textTable(['table', 'rows', 'uncompressed'], shown.map(({ name, rows, bytes }) => [name, rows.toLocaleString('en'), bytes === null ? 'not dumped' : bytesText(bytes)]))}${rest}`;
}

const fileText = ({ files }: BackupManifest): string => textTable(['object', 'stored', 'SHA-256'], files.map(({ object, bytes, sha256 }) => [object, bytesText(bytes), sha256]));

/** How to get at it when nothing of ours runs any more: what docs/backup-format.md says, for this backup. */
function byHand({ prefix, store, keyId }: ShownBackup['backup'], { archive, source, files }: BackupManifest): string {
  const whole = `archive/${files.find(({ kind }) => kind === 'archive')?.name ?? '<archive>'}`;
  const steps = [
    `fetch everything below ${prefix} from store ${store} into a folder \`backup\`; its ${MANIFEST_NAME} has the SHA-256 of each file`,
    keyId === null ? 'cp -r backup/files archive' : `node unseal.mjs    (of docs/backup-format.md, with key ${keyId} in backup.key; makes the folder \`archive\`)`,
    ...(archive.compression === 'zstd' ? ["find archive -name '*.zst' -exec zstd -dq --rm {} +"] : []),
    { directory: `pg_restore --jobs 2 --dbname <new database> archive    (of PostgreSQL ${Number.parseInt(source.clientVersion, 10)} or newer)`, custom: `pg_restore --dbname <new database> ${whole}`, plain: `psql --dbname <new database> --file ${whole}`, cluster: `psql --dbname postgres --file ${whole}` }[archive.format],
  ];
  return ['By hand, without pgconvoy:', ...steps.map((step, index) => `  ${index + 1}. ${step}`)].join('\n');
}
