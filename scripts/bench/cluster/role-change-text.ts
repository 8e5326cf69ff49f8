import Table from 'cli-table3';

import type { RoleChangeReport } from './role-change.ts';

/** The distributions of all contenders, one under the other. */
export function roleChangeText(reports: readonly RoleChangeReport[]): string {
  const table = new Table({ head: ['', 'runs', 'write gap ms: median', '95 %', 'worst', 'errors', 'ambiguous', 'lost', 'writable nodes', 'redundant after ms'], style: { head: [], border: [] } });
  for (const { contender, kind, synchronous, runs, writeGapMs, clientErrors, ambiguousWrites, lostWrites, writableNodesMax, redundantAfterMs } of reports) {
    table.push([`${contender}: ${kind}${synchronous ? ', synchronous' : ''}`, runs.length, writeGapMs.p50, writeGapMs.p95, writeGapMs.max, clientErrors, ambiguousWrites, lostWrites, writableNodesMax, redundantAfterMs === null ? 'not by itself' : `${redundantAfterMs.p50} (worst ${redundantAfterMs.max})`]);
  }
  return `${table.toString()}\nThe write gap is that of the worst writer of each run: the longest time between two of its acknowledged writes.`;
}
