import Table from 'cli-table3';

import { bytesText } from '../../domain/migration/progress.ts';
import type { CloneReport, Contender } from './clone.ts';
import type { CutoverReport } from './cutover.ts';
import { median } from './statistics.ts';

/** Medians side by side, and where our time goes. */
export function cloneText(report: CloneReport): string {
  const table = new Table({ head: [`copy of ${report.set}`, 'median s', 'all runs', 'target CPU s', 'source CPU s', 'client CPU s'], style: { head: [], border: [] } });
  for (const contender of [...report.peers, report.ours]) table.push(rowOf(contender));
  const phases = report.ours.samples.at(-1)?.phases ?? [];
  return [
    table.toString(),
    `our last run: ${phases.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(', ')}`,
    `highest memory of our worker: ${bytesText(report.workerMemoryMax)}`,
    `ratio to the best peer: ${report.ratio.toFixed(2)}`,
  ].join('\n');
}

const rowOf = ({ name, samples, median: middle }: Contender): string[] => [
  name,
  middle.toFixed(1),
  samples.map(({ wall }) => wall.toFixed(1)).join(' '),
  median(samples.map(({ targetCpu }) => targetCpu)).toFixed(1),
  median(samples.map(({ sourceCpu }) => sourceCpu)).toFixed(1),
  median(samples.map(({ clientCpu }) => clientCpu)).toFixed(1),
];

/** The distribution of the write pause over all cutovers. */
export function cutoverText(report: CutoverReport): string {
  const table = new Table({ head: ['cutover', 'median writer ms', 'worst writer ms', 'window ms', 'lost', 'failed'], style: { head: [], border: [] } });
  for (const [index, run] of report.runs.entries()) table.push([index + 1, run.pauseMs.p50.toFixed(0), run.pauseMs.max.toFixed(0), run.windowMs?.toFixed(0) ?? '', run.lostWrites, run.failedTransactions]);
  return [table.toString(), `write pause over ${report.runs.length} cutovers: median ${report.pauseMs.p50.toFixed(0)} ms, 95 % ${report.pauseMs.p95.toFixed(0)} ms, worst ${report.pauseMs.max.toFixed(0)} ms; ${report.lostWrites} writes lost`].join('\n');
}
