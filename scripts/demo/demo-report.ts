import type { MigrationProgress } from '../../domain/migration/progress.ts';
import type { ApplicationMemory } from './writers/application.ts';
import type { Verdict } from './writers/judge.ts';
import type { Distribution } from './writers/pauses.ts';

/** What `--json` prints. */
export interface DemoReport {
  /** Every loaded row, every object and every sequence is the same on both sides, and every write is explained. */
  readonly equal: boolean;
  readonly differences: readonly string[];
  /** Acknowledged to the application, and not on the target. */
  readonly lostWrites: number;
  readonly duplicatedWrites: number;
  readonly failedTransactions: number;
  readonly acknowledgedWrites: number;
  /** As the writers saw it, over the writers. */
  readonly writePauseMs: Distribution;
  /** The worker's own measure: from the fence to the switch of the route. */
  readonly cutoverWindowMs: number | null;
  readonly lagBytesMax: number;
  readonly rows: number;
  readonly bytes: number;
  readonly phases: readonly { readonly name: string; readonly seconds: number }[];
  readonly source: string;
  readonly target: string;
  readonly failuresBySqlstate: Readonly<Record<string, number>>;
  readonly temporalUi: string;
}

export interface DemoFacts {
  readonly progress: MigrationProgress;
  readonly memory: ApplicationMemory;
  readonly verdict: Verdict;
  readonly comparison: { readonly rows: number; readonly differences: readonly string[] };
  readonly versions: { readonly source: string; readonly target: string };
  readonly bytes: number;
  readonly temporalUi: string;
}

export function buildReport({ progress, memory, verdict, comparison, versions, bytes, temporalUi }: DemoFacts): DemoReport {
  const differences = [
    ...comparison.differences,
    ...verdict.torn.map((request) => `transaction ${request} of the writers is there in part`),
    ...verdict.unexplained.map((request) => `transaction ${request} of the writers is there, though it failed`),
  ];
  const { cutoverGapMs, failed, failuresBySqlstate } = memory.summary;
  return {
    equal: differences.length === 0,
    differences: differences.slice(0, 100),
    lostWrites: verdict.lost.length,
    duplicatedWrites: verdict.duplicated.length,
    failedTransactions: failed,
    acknowledgedWrites: verdict.acked,
    writePauseMs: rounded(cutoverGapMs),
    cutoverWindowMs: progress.cutover?.windowMs ?? null,
    lagBytesMax: progress.lag?.bytesMax ?? 0,
    rows: progress.copy?.rows || comparison.rows,
    bytes,
    phases: progress.phases.flatMap(({ phase, startedAt, endedAt }) => (startedAt === undefined || endedAt === undefined ? [] : [{ name: phase, seconds: (endedAt - startedAt) / 1000 }])),
    source: versions.source,
    target: versions.target,
    failuresBySqlstate,
    temporalUi,
  };
}

/** Whether the demo shows what it is to show. */
export const isGood = (report: DemoReport): boolean => report.equal && report.lostWrites === 0 && report.duplicatedWrites === 0;

const rounded = ({ p50, p95, max }: Distribution): Distribution => ({ p50: Math.round(p50), p95: Math.round(p95), max: Math.round(max) });
