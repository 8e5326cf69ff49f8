import { bytesText } from '../../../domain/migration/progress.ts';

/** What `npm run demo -- --story backup --json` prints. */
export interface BackupStoryReport {
  readonly provenBackups: number;
  /** The proof of a backup with one flipped bit failed, and named the object. */
  readonly mutatedRejected: boolean;
  /** Every object and every row of the restored database is as the source was at the snapshot. */
  readonly restoredEqual: boolean;
  readonly restoreSeconds: number;
  /** Of the newest backup. */
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly rows: number;
  readonly dumpSeconds: number;
  readonly proofSeconds: number;
  /** Why the damaged one was rejected. */
  readonly rejection: string;
  readonly differences: readonly string[];
  readonly source: string;
  readonly target: string;
  /** Null: the page went with the demo's folder. */
  readonly page: string | null;
  readonly temporalUi: string;
}

export const isGoodStory = ({ provenBackups, mutatedRejected, restoredEqual }: BackupStoryReport): boolean => provenBackups > 0 && mutatedRejected && restoredEqual;

/** The report for a person. */
export function storyText(report: BackupStoryReport): string {
  const facts: readonly (readonly [string, string])[] = [
    ['backed up', `PostgreSQL ${report.source}, ${report.rows.toLocaleString('en')} rows, ${bytesText(report.rawBytes)} stored in ${bytesText(report.storedBytes)}, ${report.dumpSeconds.toFixed(1)} s`],
    ['proven', `${report.provenBackups}, in ${report.proofSeconds.toFixed(1)} s: restored into a throwaway server and compared`],
    ['one flipped bit', report.mutatedRejected ? 'found, and the backup rejected' : 'NOT noticed'],
    ['restored', `to PostgreSQL ${report.target} in ${report.restoreSeconds.toFixed(1)} s, ${report.restoredEqual ? 'equal to the source at the snapshot' : `different (${report.differences.length})`}`],
    ...report.differences.slice(0, 10).map((difference) => ['', difference] as const),
    ...(report.page === null ? [] : [['report', report.page] as const]),
  ];
  return facts.map(([name, value]) => `${name.padEnd(17)}${value}`.trimEnd()).join('\n');
}
