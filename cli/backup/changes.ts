import type { StepBeat, StepRetry } from '../../client/pending-step.ts';
import { type BackupRunProgress, DATABASE_MARKS, type DatabaseProgress } from '../../domain/backup/run-progress.ts';
import type { ErrorReport } from '../../domain/errors.ts';
import { bytesText } from '../../domain/migration/progress.ts';
import { secondsText } from '../migration/progress-text.ts';

/** What has changed in a run of a policy between two looks, a line for each change; the first look tells all that was so far. */
export function runChanges(before: BackupRunProgress | undefined, after: BackupRunProgress): string[] {
  const loud = after.sealed || after.phase === 'begin' || (before !== undefined && before.phase !== 'begin') ? [] : [`NOTE:  policy "${after.policy}" names no key: its backups are neither encrypted nor signed.`];
  const expired = before?.expiry === undefined && after.expiry !== undefined ? [`✓ expired ${after.expiry.deleted} (${bytesText(after.expiry.bytes)}), kept ${after.expiry.kept}`] : [];
  return [...loud, ...after.databases.flatMap((row) => rowChanges(before?.databases.find(({ database }) => database === row.database), row)), ...expired];
}

/** Between two looks a database may have gone through more than one state: that it was stored is always told. */
function rowChanges(before: DatabaseProgress | undefined, after: DatabaseProgress): string[] {
  const { state } = after;
  if (state === 'waiting' || state === before?.state) return [];
  const stored = before?.storedBytes === undefined && after.storedBytes !== undefined && state !== 'stored' ? [databaseLine({ ...after, state: 'stored' })] : [];
  return [...stored, databaseLine(after)];
}

/** `✓ shop  stored as 20261120T020000Z-0123abcd, 12 MB of 40 MB, 1000 rows, 2.1 s` */
export function databaseLine(row: DatabaseProgress): string {
  const { database, state, backupId, problem } = row;
  const facts = {
    waiting: '',
    dumping: 'is dumped',
    stored: storedText(row),
    proving: `${backupId} is restored and compared`,
    proven: `${backupId} is proven${took(row.proofSeconds)}`,
    rejected: `${backupId} is REJECTED`,
    failed: 'was NOT backed up',
  }[state];
  return `${DATABASE_MARKS[state]} ${database}  ${facts}${problem === undefined ? '' : problemText(problem)}`;
}

const problemText = ({ message, detail }: ErrorReport): string => `: ${message}${detail === undefined ? '' : `\n    ${detail.replaceAll('\n', '\n    ')}`}`;

const storedText = ({ backupId, storedBytes = 0, rawBytes = 0, rows = 0, dumpSeconds }: DatabaseProgress): string =>
  `stored as ${backupId}, ${bytesText(storedBytes)} of ${bytesText(rawBytes)}, ${rows.toLocaleString('en')} rows${took(dumpSeconds)}`;

const took = (seconds: number | undefined): string => (seconds === undefined ? '' : `, ${secondsText(seconds)}`);

/** What a step says of itself while it goes on, in one line; with a total, how far it is. */
export function beatText(beat: StepBeat): string {
  const amount = (name: string): string | undefined => (typeof beat[name] === 'number' && beat[name] > 0 ? bytesText(beat[name]) : undefined);
  const counted = (name: string, word: string): string | undefined => (typeof beat[name] === 'number' && beat[name] > 0 ? `${beat[name]} ${word}` : undefined);
  const of = (part: string, whole: string): string | undefined => (amount(whole) === undefined ? amount(part) : `${amount(part) ?? '0 B'} of ${amount(whole)}`);
  const waits = typeof beat['waitsFor'] === 'string' ? `waits for ${beat['waitsFor']}` : undefined;
  const parts = [beat['doing'], of('bytes', 'totalBytes'), amount('rawBytes'), amount('storedBytes') === undefined ? undefined : `${amount('storedBytes')} stored`, counted('files', 'files'), waits];
  return parts.filter((part) => part !== undefined && part !== null && part !== '').join(', ');
}

/** `↻ restoreDatabase failed and is tried again, attempt 3: the store failed with object x`; nothing when it was told already. */
export function retryChanges(before: StepRetry | undefined, after: StepRetry | undefined): string[] {
  if (after === undefined || (after.step === before?.step && after.attempt === before.attempt)) return [];
  return [`  ↻ ${after.step} failed and is tried again, attempt ${after.attempt}: ${after.reason}`];
}

/** Between 0 and 1, when a step says how much there is to do. */
export function shareOf(beat: StepBeat | undefined): number | undefined {
  const [done, total] = [beat?.['bytes'], beat?.['totalBytes']];
  return typeof done !== 'number' || typeof total !== 'number' || total <= 0 ? undefined : Math.min(1, done / total);
}
