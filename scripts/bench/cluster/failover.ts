import { setTimeout as sleep } from 'node:timers/promises';

import { listRuns } from '../../../catalog/runs.ts';
import type { ClusterWorld } from '../../cluster-world/cluster-world.ts';
import { moreAcks, waitFor, waitUntilOther, waitUntilWhole } from '../../cluster-world/world-waits.ts';
import { openBenchWorld } from './bench-world.ts';
import { reportOf, type RoleChangeReport, type RoleChangeRun, runOf } from './role-change.ts';
import type { ClusterBenchOptions } from './switchover.ts';

export const FAULTS = ['kill-tree', 'cut', 'freeze'] as const;
export type Fault = (typeof FAULTS)[number];

const AROUND = 1000;
/** How long a node stays frozen or cut off: long enough for every contender to have given it up. */
const FAULT_MS = 6000;

/** Primaries that are killed, cut off and frozen under writers; the watcher answers, and brings the old primary back. */
export async function benchFailover(options: ClusterBenchOptions & { readonly faults: readonly Fault[] }): Promise<RoleChangeReport[]> {
  const reports: RoleChangeReport[] = [];
  for (const fault of options.faults) {
    await using world = await openBenchWorld({ network: fault === 'cut' ? 'namespaces' : 'ports', synchronous: options.synchronous });
    const runs: RoleChangeRun[] = [];
    for (let round = 1; round <= options.runs; round += 1) {
      runs.push(await failOnce(world, fault, options));
      const { writeGapMs, detectMs, clientErrors, lostWrites, redundantAfterMs } = runs.at(-1)!;
      options.say(`${fault} ${round} of ${options.runs}: worst writer ${writeGapMs.max} ms (failover began after ${detectMs ?? '?'} ms), ${clientErrors} errors, ${lostWrites} lost, redundant after ${redundantAfterMs ?? '?'} ms`);
    }
    reports.push(reportOf({ contender: 'pgconvoy', kind: fault, synchronous: options.synchronous }, runs));
  }
  return reports;
}

export async function failOnce(world: ClusterWorld, fault: Fault, { writers, rate }: Pick<ClusterBenchOptions, 'writers' | 'rate'>): Promise<RoleChangeRun> {
  const primary = await waitUntilWhole(world);
  const probe = await world.writers({ writers, rate });
  await moreAcks(probe, AROUND);
  const before = probe.status().timeline;
  const [faultAt, faultWall] = [performance.now(), Date.now()];
  const undo = await inject(world, primary, fault);
  const answered = waitFor(() => probe.status().timeline !== before);
  const heals = sleep(FAULT_MS).then(undo);
  if (!(await answered)) throw new Error(`nobody took over from ${primary}`);
  await heals;
  const back = await waitUntilOther(world, primary);
  const redundantAfterMs = back ? Math.round(performance.now() - faultAt - (fault === 'kill-tree' ? 0 : FAULT_MS)) : null;
  await moreAcks(probe, AROUND);
  const { report } = await probe.stop();
  const [run] = await listRuns(world.catalog, { kind: 'failover', subject: world.cluster, limit: 1 });
  const detectMs = run === undefined ? null : Date.parse(run.startedAt) - faultWall;
  return runOf(report, { redundantAfterMs, detectMs, restoreMs: detectMs === null ? null : Math.round(report.writes.overallMs - detectMs) });
}

/** Gives what takes it back. */
async function inject(world: ClusterWorld, primary: string, fault: Fault): Promise<() => Promise<void>> {
  switch (fault) {
    case 'kill-tree':
      await world.kill(primary, 'tree');
      return () => Promise.resolve();
    case 'cut':
      await world.cut(primary, 'packets');
      return () => world.heal(primary);
    case 'freeze':
      await world.freeze(primary, 'machine');
      return () => world.thaw(primary);
  }
}
