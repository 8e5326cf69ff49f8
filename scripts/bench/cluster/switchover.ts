import type { ClusterWorld } from '../../cluster-world/cluster-world.ts';
import { moreAcks, switchOver, waitUntilOther, waitUntilWhole } from '../../cluster-world/world-waits.ts';
import { openBenchWorld } from './bench-world.ts';
import { reportOf, type RoleChangeReport, type RoleChangeRun, runOf } from './role-change.ts';

export interface ClusterBenchOptions {
  readonly runs: number;
  readonly writers: number;
  readonly rate: number;
  readonly synchronous: boolean;
  readonly say: (line: string) => void;
}

/** Writes before and after each change. */
const AROUND = 1000;

/** Planned switchovers under writers, by PgBouncer and with all hosts in the connection string. */
export async function benchSwitchover(options: ClusterBenchOptions): Promise<RoleChangeReport[]> {
  const reports: RoleChangeReport[] = [];
  for (const pooler of [true, false]) {
    await using world = await openBenchWorld({ pooler, synchronous: options.synchronous });
    const kind = pooler ? 'planned, PgBouncer' : 'planned, multi-host';
    const runs: RoleChangeRun[] = [];
    for (let round = 1; round <= options.runs; round += 1) {
      runs.push(await switchOnce(world, options));
      options.say(`${kind} ${round} of ${options.runs}: worst writer ${runs.at(-1)!.writeGapMs.max} ms, ${runs.at(-1)!.clientErrors} errors, ${runs.at(-1)!.lostWrites} lost`);
    }
    reports.push(reportOf({ contender: 'pgconvoy', kind, synchronous: options.synchronous }, runs));
  }
  return reports;
}

export async function switchOnce(world: ClusterWorld, { writers, rate }: Pick<ClusterBenchOptions, 'writers' | 'rate'>): Promise<RoleChangeRun> {
  const before = await waitUntilWhole(world);
  const probe = await world.writers({ writers, rate });
  await moreAcks(probe, AROUND);
  const orderedAt = performance.now();
  await switchOver(world, 'bench');
  const back = await waitUntilOther(world, before);
  const redundantAfterMs = back ? Math.round(performance.now() - orderedAt) : null;
  await moreAcks(probe, AROUND);
  const { report } = await probe.stop();
  return runOf(report, { redundantAfterMs, detectMs: null, restoreMs: null });
}
