import { endDemo, makeDemoFolder } from '../demo/demo-folder.ts';
import type { DemoReport } from '../demo/demo-report.ts';
import { Display } from '../demo/display.ts';
import { runDemo } from '../demo/run-demo.ts';
import { percentile } from './statistics.ts';

export interface CutoverOptions {
  readonly bytes: number;
  readonly runs: number;
  readonly writers: number;
  /** The writers go through PgBouncer. */
  readonly pgbouncer: boolean;
  readonly say: (line: string) => void;
}

export interface CutoverRun {
  /** Over the writers of one cutover: the longest time between two acknowledged writes, in milliseconds. */
  readonly pauseMs: { readonly p50: number; readonly p95: number; readonly max: number };
  /** From fence to switched route, by the worker's clock. */
  readonly windowMs: number | null;
  readonly lostWrites: number;
  readonly duplicatedWrites: number;
  readonly failedTransactions: number;
  readonly equal: boolean;
}

export interface CutoverReport {
  /** Over the cutovers: of the medians, and the worst writer of all. */
  readonly pauseMs: { readonly p50: number; readonly p95: number; readonly max: number };
  readonly lostWrites: number;
  readonly runs: readonly CutoverRun[];
}

/** Migrates the demo's shop again and again, each time from nothing, and keeps what the writers saw. */
export async function benchCutover({ bytes, runs, writers, pgbouncer, say }: CutoverOptions): Promise<CutoverReport> {
  const results: CutoverRun[] = [];
  for (let round = 1; round <= runs; round += 1) {
    const result = resultOf(await oneDemo({ bytes, writers, pgbouncer }));
    results.push(result);
    say(`cutover ${round} of ${runs}: median writer ${result.pauseMs.p50} ms, worst ${result.pauseMs.max} ms, ${result.lostWrites} lost`);
  }
  const medians = results.map(({ pauseMs }) => pauseMs.p50);
  return {
    pauseMs: { p50: percentile(medians, 0.5), p95: percentile(medians, 0.95), max: Math.max(...results.map(({ pauseMs }) => pauseMs.max)) },
    lostWrites: results.reduce((sum, { lostWrites }) => sum + lostWrites, 0),
    runs: results,
  };
}

async function oneDemo(wish: Pick<CutoverOptions, 'bytes' | 'writers' | 'pgbouncer'>): Promise<DemoReport> {
  const folder = await makeDemoFolder();
  try {
    return await runDemo({ folder, display: new Display(), interrupted: new AbortController().signal, options: { story: 'migrate', page: undefined, ...wish, rate: 400, from: undefined, to: undefined, json: true, keep: false } });
  } finally {
    await endDemo(folder);
  }
}

const resultOf = ({ writePauseMs, cutoverWindowMs, lostWrites, duplicatedWrites, failedTransactions, equal }: DemoReport): CutoverRun => ({
  pauseMs: writePauseMs,
  windowMs: cutoverWindowMs,
  lostWrites,
  duplicatedWrites,
  failedTransactions,
  equal,
});
