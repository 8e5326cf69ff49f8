import Table from 'cli-table3';

import { bytesText } from '../../domain/migration/progress.ts';
import type { BackupBenchReport, BackupContender } from './backup.ts';
import { median } from './statistics.ts';

/** Medians side by side, and what is held against the goals. */
export function backupText(report: BackupBenchReport): string {
  const table = new Table({ head: [`backup of ${bytesText(report.bytes)}`, 'median s', 'all runs', 'stored', 'server CPU s', 'client CPU s', 'store CPU s', 'restore s'], style: { head: [], border: [] } });
  for (const contender of [...report.peers, report.ours]) table.push(rowOf(contender));
  return [
    table.toString(),
    `ratio to dump, then upload: ${report.ratio.toFixed(2)} of the time, ${report.storedRatio.toFixed(2)} of the stored bytes${report.restoreRatio === null ? '' : `, ${report.restoreRatio.toFixed(2)} of the time of a restore`}`,
    `most on the staging disk: ${(report.stagingShareMax * 100).toFixed(0)} % of the archive without compression; highest memory of our worker: ${bytesText(report.workerMemoryMax)}${report.restoreRatio === null ? '' : `, while it restores ${bytesText(report.restoreMemoryMax)}`}`,
    ...report.absent.map((text) => `not measured: ${text}`),
  ].join('\n');
}

const rowOf = ({ name, samples, median: middle, restoreMedian }: BackupContender): string[] => [
  name,
  middle.toFixed(1),
  samples.map(({ wall }) => wall.toFixed(1)).join(' '),
  bytesText(median(samples.map(({ storedBytes }) => storedBytes))),
  median(samples.map(({ serverCpu }) => serverCpu)).toFixed(1),
  median(samples.map(({ clientCpu }) => clientCpu)).toFixed(1),
  median(samples.map(({ storeCpu }) => storeCpu)).toFixed(1),
  restoreMedian?.toFixed(1) ?? '',
];
