import { bytesText } from '../../domain/migration/progress.ts';
import type { DemoReport } from './demo-report.ts';

/** The report for a person. */
export function reportText(report: DemoReport): string {
  const { writePauseMs: pause } = report;
  const failures = Object.entries(report.failuresBySqlstate).map(([sqlstate, count]) => `${sqlstate} × ${count}`);
  const facts: readonly (readonly [string, string])[] = [
    ['migrated', `PostgreSQL ${report.source} → ${report.target}, ${count(report.rows)} rows, ${bytesText(report.bytes)}`],
    ...report.phases.map(({ name, seconds }) => [`  ${name}`, `${seconds.toFixed(1).padStart(7)} s`] as const),
    ['highest lag', bytesText(report.lagBytesMax)],
    ['write pause', `p50 ${pause.p50} ms, p95 ${pause.p95} ms, longest ${pause.max} ms (the longest time a writer saw no commit acknowledged)`],
    ...(report.cutoverWindowMs === null ? [] : [['fence to switch', `${Math.round(report.cutoverWindowMs)} ms by the worker's clock`] as const]),
    ['acknowledged writes', `${count(report.acknowledgedWrites)}, of them lost ${report.lostWrites}, doubled ${report.duplicatedWrites}`],
    ['failed transactions', `${report.failedTransactions}${failures.length === 0 ? '' : ` (${failures.join(', ')}); the application tried again`}`],
    ['both sides', report.equal ? 'equal' : `different (${report.differences.length})`],
    ...report.differences.slice(0, 10).map((difference) => ['', difference] as const),
  ];
  return facts.map(([name, value]) => `${name.padEnd(21)}${value}`.trimEnd()).join('\n');
}

const count = (amount: number): string => amount.toLocaleString('en');
