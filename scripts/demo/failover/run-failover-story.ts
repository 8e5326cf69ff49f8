import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { readDrill } from '../../../catalog/cluster/drills.ts';
import { workflowResult } from '../../../client/backups.ts';
import { startWatch } from '../../../client/clusters.ts';
import { type DrillEnd, startDrill } from '../../../client/drills.ts';
import { type ClusterWorld, openClusterWorld } from '../../cluster-world/cluster-world.ts';
import { moreAcks, standing, switchOver, waitUntilOther, waitUntilWhole } from '../../cluster-world/world-waits.ts';
import { useOnlyDemoParts } from '../embedded-parts.ts';
import { untilInterrupted } from '../interruption.ts';
import type { DemoRun } from '../run-demo.ts';
import { type FailoverReport, type RoleChangeSeen, seen } from './failover-report.ts';

const ENTRY = {
  watch: { coolDown: '0s', flapLimit: { count: 10, within: '1s' } },
  limits: { walDiskFree: '16MB' },
  drilling: { backup: 'waived' },
  drills: { killed: { kind: 'kill-tree', baseline: '5s', hypothesis: { maxWriteGap: '5s', maxLostWrites: 100 }, abort: { writeGap: '60s' } } },
};
/** Writes before the switchover and after it. */
const AROUND = 1500;

/** Three nodes, a planned switchover, a primary that is killed in a drill. What it starts goes on running: the caller ends it. */
export async function runFailoverStory(run: DemoRun): Promise<FailoverReport> {
  const { folder } = run;
  useOnlyDemoParts(folder, join(folder, 'world', 'pgconvoy.yaml'));
  const world = await step(run, 'three nodes with their agents, a worker and the watcher', () => setTheStage(run));
  try {
    return await tell(run, world);
  } finally {
    await world.detach();
  }
}

async function tell(run: DemoRun, world: ClusterWorld): Promise<FailoverReport> {
  const { options } = run;
  const switched = await step(run, `planned switchover under ${options.writers} writers`, () => change(run, world));
  run.display.line(`  ${switched.seen.from} → ${switched.seen.to}: longest time without a write ${switched.seen.writeGapMs.max} ms, ${switched.seen.clientErrors} errors, ${switched.seen.lostWrites} lost`);
  const { end, report, page } = await step(run, `drill: ${switched.seen.to} is killed, the watcher answers`, () => drill(run, world));
  run.display.line(`  ${report.from} → ${report.to ?? 'nobody'}: longest time without a write ${end.writeGapMs} ms, ${end.clientErrors} errors, ${end.lostWrites} lost`);
  const rejoined = await step(run, `${report.from} comes back as a standby`, () => untilInterrupted(run.interrupted, waitUntilOther(world, report.from)));
  if (options.page !== undefined) writeFileSync(options.page, page);
  await using session = await world.session(report.to ?? 'n1');
  return {
    version: (await session.row<{ version: string }>(`SELECT split_part(current_setting('server_version'), ' ', 1) AS version`)).version,
    writers: options.writers, rate: options.rate,
    switchover: switched.seen,
    failover: seen(report.probe, { from: report.from, to: report.to ?? '' }),
    rejoined, rejoinedAfterMs: report.measure.redundantAfterMs,
    writableNodesMax: Math.max(switched.writableNodesMax, report.probe.writable.writableNodesMax),
    drill: end, page: options.page === undefined ? null : resolve(options.page),
  };
}

async function setTheStage({ folder, options }: DemoRun): Promise<ClusterWorld> {
  const world = await openClusterWorld({ folder: (part) => join(folder, part), durable: true, entry: ENTRY, pooler: options.pgbouncer, ui: options.keep, ...(options.to === undefined ? {} : { major: options.to }) });
  Object.assign(process.env, world.env);
  await Promise.all([...world.nodes.map(({ name }) => world.startAgent(name)), world.startWorker()]);
  await startWatch(world.client, { cluster: world.cluster, requestedBy: 'demo' });
  await waitUntilWhole(world);
  writeFileSync(join(folder, 'world', 'environment'), Object.entries(world.env).map(([name, value]) => `export ${name}='${value}'\n`).join(''), { mode: 0o600 });
  return world;
}

async function change({ options, interrupted }: DemoRun, world: ClusterWorld): Promise<{ seen: RoleChangeSeen; writableNodesMax: number }> {
  const from = (await standing(world)).primary ?? '';
  const probe = await world.writers({ writers: options.writers, rate: options.rate });
  await untilInterrupted(interrupted, moreAcks(probe, AROUND));
  await untilInterrupted(interrupted, switchOver(world, 'demo'));
  await untilInterrupted(interrupted, waitUntilOther(world, from));
  await untilInterrupted(interrupted, moreAcks(probe, AROUND));
  const { report } = await probe.stop();
  return { seen: seen(report, { from, to: (await standing(world)).primary ?? '' }), writableNodesMax: report.writable.writableNodesMax };
}

async function drill({ options, interrupted }: DemoRun, world: ClusterWorld) {
  await waitUntilWhole(world);
  const started = await startDrill(world.client, { cluster: world.cluster, name: 'killed', consentBy: 'demo', writers: options.writers, rate: options.rate });
  const { drill: end } = await untilInterrupted(interrupted, workflowResult<DrillEnd>(world.client, started));
  if (end === null) throw new Error('the drill was a dry run');
  return { end, ...(await readDrill(world.catalog, end.drill)) };
}

const step = <T>({ display, interrupted }: DemoRun, title: string, work: () => Promise<T>): Promise<T> => display.step(title, () => untilInterrupted(interrupted, work()));
