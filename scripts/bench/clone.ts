import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { bytesText, type MigrationProgress } from '../../domain/migration/progress.ts';
import { connect } from '../../postgres/connection.ts';
import { runProgram } from '../../programs/run-program.ts';
import { createBenchSet } from '../data/bench-set.ts';
import { createManyTables } from '../data/many-tables.ts';
import { runMigration } from '../demo/run-migration.ts';
import { type Bed, DATABASE, makeBed, MIGRATION, postmasterPid, resetServers } from './bed.ts';
import { ownSeconds, peakMemory, resetPeakMemory, treeSeconds, waitedChildrenSeconds } from './process-usage.ts';
import { median } from './statistics.ts';

export interface CloneOptions {
  /** The data set of so many bytes, or so many small tables. */
  readonly set: { readonly bytes: number } | { readonly tables: number };
  readonly runs: number;
  readonly major: number;
  /** Programs of pgcopydb to run against. */
  readonly pgcopydb: readonly string[];
  readonly lanes: number;
  readonly say: (line: string) => void;
}

/** One measured copy. Seconds, processor seconds, bytes. */
export interface Sample {
  readonly wall: number;
  readonly sourceCpu: number;
  readonly targetCpu: number;
  readonly clientCpu: number;
  readonly clientMemory?: number;
  readonly phases?: readonly { readonly name: string; readonly seconds: number }[];
}

export interface Contender {
  readonly name: string;
  readonly samples: readonly Sample[];
  readonly median: number;
}

export interface CloneReport {
  /** Our median divided by the best peer's. */
  readonly ratio: number;
  readonly ours: Contender;
  readonly peers: readonly Contender[];
  /** What was copied, for a heading. */
  readonly set: string;
  readonly workerMemoryMax: number;
}

/** What both servers are set to: durable, as in production, and the same for every contender. */
const SETTINGS = { shared_buffers: '512MB', max_wal_size: '4GB', checkpoint_timeout: '15min', wal_level: 'replica', maintenance_work_mem: '512MB' };
/** pg_dump, whoever calls it, locks all tables at once; the lock table has this many places for each of a hundred connections. */
const TABLES_FOR_A_LOCK = 50;


/** Copies the data set with every contender in turn, as many rounds as asked, and compares the medians. */
export async function benchClone(options: CloneOptions): Promise<CloneReport> {
  await using bed = await makeBed({
    from: options.major,
    to: options.major,
    settings: 'tables' in options.set ? { ...SETTINGS, max_locks_per_transaction: Math.max(64, Math.ceil(options.set.tables / TABLES_FOR_A_LOCK)) } : SETTINGS,
    migration: { mode: 'offline', verify: 'counts', copy: { lanes: options.lanes, maintenanceWorkMem: '512MB' } },
  });
  options.say('building the data set');
  const place = { server: bed.source.address, database: DATABASE };
  await ('tables' in options.set ? createManyTables({ ...place, ...options.set }) : createBenchSet({ ...place, ...options.set, onStep: options.say }));
  await settle(bed);
  const contenders = [...options.pgcopydb.flatMap((program) => peers(bed, program)), { name: 'pgconvoy', run: () => runOurs(bed) }];
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= options.runs; round += 1) {
    for (const { name, run } of contenders) {
      await resetServers(bed);
      const sample = await measure(bed, run);
      samples.get(name)?.push(sample);
      options.say(`round ${round}: ${name} ${sample.wall.toFixed(1)} s (target ${sample.targetCpu.toFixed(1)} s of processor, source ${sample.sourceCpu.toFixed(1)}, client ${sample.clientCpu.toFixed(1)})`);
    }
  }
  return reportOf(samples, 'tables' in options.set ? `${options.set.tables} tables` : bytesText(options.set.bytes));
}

/** Hint bits and statistics are in place before the first contender reads, so that none pays for the others. */
async function settle(bed: Bed): Promise<void> {
  await using session = await connect(bed.source.address, { purpose: 'bench', database: DATABASE });
  await session.execute('VACUUM ANALYZE');
}

interface Runner {
  readonly name: string;
  readonly run: () => Promise<Partial<Sample>>;
}

async function measure(bed: Bed, run: Runner['run']): Promise<Sample> {
  const cpu = () => ({ source: treeSeconds(postmasterPid(bed, 'source')), target: treeSeconds(postmasterPid(bed, 'target')), worker: ownSeconds(bed.workerPid), children: waitedChildrenSeconds() });
  const before = cpu();
  const begun = performance.now();
  const own = await run();
  const wall = (performance.now() - begun) / 1000;
  const after = cpu();
  return { sourceCpu: after.source - before.source, targetCpu: after.target - before.target, clientCpu: after.worker - before.worker + after.children - before.children, ...own, wall: own.wall ?? wall };
}

/** The settings that did best when measured: as many jobs as cores, and twice as many. */
function peers(bed: Bed, program: string): Runner[] {
  return [2, 4].map((jobs) => ({ name: `${program} ${jobs}+${jobs}`, run: () => runPgcopydb(bed, program, jobs) }));
}

async function runPgcopydb(bed: Bed, program: string, jobs: number): Promise<Partial<Sample>> {
  const folder = await mkdtemp(join(tmpdir(), 'pgconvoy-bench-'));
  const { address: source } = bed.source;
  const { address: target } = bed.target;
  try {
    await using session = await connect(target, { purpose: 'bench' });
    await session.execute(`CREATE DATABASE ${DATABASE} TEMPLATE template0`);
    const begun = performance.now();
    await runProgram({
      program,
      args: ['clone', '--dir', join(folder, 'work'), '--table-jobs', String(jobs), '--index-jobs', String(jobs)],
      env: {
        PATH: ['/usr/lib/postgresql/15/bin', process.env['PATH']].join(delimiter),
        PGPASSFILE: await passFile(folder, [bed.source, bed.target]),
        PGCOPYDB_SOURCE_PGURI: `postgres://${source.user}@${source.host}:${source.port}/${DATABASE}`,
        PGCOPYDB_TARGET_PGURI: `postgres://${target.user}@${target.host}:${target.port}/${DATABASE}`,
      },
    });
    return { wall: (performance.now() - begun) / 1000 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function passFile(folder: string, servers: readonly Bed['source'][]): Promise<string> {
  const path = join(folder, 'pgpass');
  await writeFile(path, servers.map(({ address }) => `${address.host}:${address.port}:*:${address.user}:${address.password?.reveal() ?? ''}\n`).join(''), { mode: 0o600 });
  return path;
}

async function runOurs(bed: Bed): Promise<Partial<Sample>> {
  resetPeakMemory(bed.workerPid);
  const { progress } = await runMigration({ migration: MIGRATION, signal: new AbortController().signal, onProgress: () => undefined, askEveryMs: 2000 });
  return { clientMemory: peakMemory(bed.workerPid), phases: phasesOf(progress) };
}

const phasesOf = (progress: MigrationProgress): { name: string; seconds: number }[] =>
  progress.phases.flatMap(({ phase, startedAt, endedAt }) => (startedAt === undefined || endedAt === undefined ? [] : [{ name: phase, seconds: (endedAt - startedAt) / 1000 }]));

function reportOf(samples: ReadonlyMap<string, readonly Sample[]>, set: string): CloneReport {
  const contenders = [...samples].map(([name, list]): Contender => ({ name, samples: list, median: median(list.map(({ wall }) => wall)) }));
  const ours = contenders.find(({ name }) => name === 'pgconvoy') as Contender;
  const others = contenders.filter((contender) => contender !== ours);
  const best = Math.min(...others.map((peer) => peer.median));
  return { ratio: ours.median / best, ours, peers: others, set, workerMemoryMax: Math.max(...ours.samples.map(({ clientMemory }) => clientMemory ?? 0)) };
}
