import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type BackUpServerResult, type RestoreBackupResult, startBackup, startRestore, workflowResult } from '../../client/backups.ts';
import { connectClient } from '../../client/connect-client.ts';
import { openCatalog } from '../../catalog/open-catalog.ts';
import { catalogAddress } from '../../config/catalog-address.ts';
import { programOnPath } from '../../config/program-folders.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { OperationError } from '../../domain/errors.ts';
import { connect } from '../../postgres/connection.ts';
import { createBenchSet } from '../data/bench-set.ts';
import { type BackupBed, DATABASE, makeBackupBed, POLICY } from './backup-bed.ts';
import { backUpAsPeer, restoreAsPeer } from './backup-peer.ts';
import { openPgBackRest, pgBackRestSettings } from './backup-pgbackrest.ts';
import { ownSeconds, peakMemory, resetPeakMemory, treeSeconds, waitedChildrenSeconds } from './process-usage.ts';
import { median } from './statistics.ts';

export interface BackupBenchOptions {
  readonly bytes: number;
  readonly runs: number;
  readonly major: number;
  readonly jobs: number;
  /** Of ours; the peer stages everything. */
  readonly stagingBytes: number;
  readonly sealed: boolean;
  readonly restore: boolean;
  /** Full backups of pgBackRest beside, which has to be installed. */
  readonly pgbackrest: boolean;
  readonly say: (line: string) => void;
}

/** Seconds, processor seconds, bytes. */
export interface BackupSample {
  readonly wall: number;
  readonly storedBytes: number;
  readonly serverCpu: number;
  /** Of the program that dumps and uploads, with the programs it runs. */
  readonly clientCpu: number;
  readonly storeCpu: number;
  readonly workerMemory?: number;
  readonly restoreMemory?: number;
  /** The most that lay on the staging disk, as a share of the archive without compression. */
  readonly stagingShare?: number;
  readonly heldUpSeconds?: number;
  readonly restoreWall?: number;
}

export interface BackupContender {
  readonly name: string;
  readonly samples: readonly BackupSample[];
  readonly median: number;
  readonly restoreMedian: number | null;
}

export interface BackupBenchReport {
  readonly bytes: number;
  /** Ours divided by dump, then upload. */
  readonly ratio: number;
  readonly restoreRatio: number | null;
  readonly storedRatio: number;
  readonly stagingShareMax: number;
  readonly workerMemoryMax: number;
  /** While it restores. */
  readonly restoreMemoryMax: number;
  readonly ours: BackupContender;
  readonly peers: readonly BackupContender[];
  /** Peers that were not measured, and why. */
  readonly absent: readonly string[];
}

const SETTINGS = { shared_buffers: '512MB', max_wal_size: '4GB', checkpoint_timeout: '15min', wal_level: 'replica', maintenance_work_mem: '256MB' };
const OURS = 'pgconvoy';

/** Backs up the data set by each contender in turn, restores each backup when asked to, and compares the medians. */
export async function benchBackup(options: BackupBenchOptions): Promise<BackupBenchReport> {
  if (options.pgbackrest && programOnPath('pgbackrest') === undefined) throw notInstalled();
  await using bed = await makeBackupBed({ ...options, settings: SETTINGS, ...(options.pgbackrest ? { ofSource: pgBackRestSettings } : {}) });
  options.say('building the data set');
  await createBenchSet({ server: bed.source.address, database: DATABASE, bytes: options.bytes, onStep: options.say });
  await settle(bed);
  const peer = `pg_dump -Fd -j${options.jobs}, then upload`;
  const contenders: Contender[] = [
    { name: peer, backUp: (round) => peerRound(bed, options, round) },
    ...(options.pgbackrest ? [await pgBackRestContender(bed, options)] : []),
    { name: OURS, backUp: () => ownRound(bed, options) },
  ];
  const samples = new Map<string, BackupSample[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= options.runs; round += 1) {
    for (const { name, backUp } of contenders) {
      await checkpoint(bed);
      const sample = await backUp(round);
      samples.get(name)?.push(sample);
      const restored = sample.restoreWall === undefined ? '' : `, restored in ${sample.restoreWall.toFixed(1)} s`;
      options.say(`round ${round}: ${name} ${sample.wall.toFixed(1)} s (server ${sample.serverCpu.toFixed(1)} s of processor, client ${sample.clientCpu.toFixed(1)}, store ${sample.storeCpu.toFixed(1)})${restored}`);
    }
  }
  return reportOf(samples, options);
}

const notInstalled = (): OperationError =>
  new OperationError('program_missing', 'pgbackrest is not installed', { detail: 'It is what backups are measured against with `--pgbackrest`.', hint: 'Install it (`apt-get install pgbackrest`), or leave `--pgbackrest` out.' });

/** It copies files of the whole server, and is restored as one: not measured here. */
async function pgBackRestContender(bed: BackupBed, { jobs }: BackupBenchOptions): Promise<Contender> {
  const other = await openPgBackRest(bed, jobs);
  const client = (): number => waitedChildrenSeconds();
  return {
    name: 'pgBackRest, full, with its WAL',
    backUp: async () => {
      const { value, ...facts } = await measure(bed, { client, storePid: other.storePid }, () => other.backUp());
      return { ...facts, storedBytes: value.storedBytes };
    },
  };
}

interface Contender {
  readonly name: string;
  readonly backUp: (round: number) => Promise<BackupSample>;
}

async function settle(bed: BackupBed): Promise<void> {
  await using session = await connect(bed.source.address, { purpose: 'bench', database: DATABASE });
  await session.execute('VACUUM ANALYZE');
}

async function checkpoint(bed: BackupBed): Promise<void> {
  for (const { address } of [bed.source, bed.target]) {
    await using session = await connect(address, { purpose: 'bench' });
    await session.execute('CHECKPOINT');
  }
}

interface Measured<T> {
  readonly value: T;
  readonly wall: number;
  readonly serverCpu: number;
  readonly clientCpu: number;
  readonly storeCpu: number;
}

async function measure<T>(bed: BackupBed, { client, storePid = bed.storePid }: { client: () => number; storePid?: number }, work: () => Promise<T>): Promise<Measured<T>> {
  const postmaster = Number(readFileSync(join(bed.folder, 'source', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
  const cpu = () => [treeSeconds(postmaster), client(), ownSeconds(storePid)] as const;
  const [server, own, store] = cpu();
  const begun = performance.now();
  const value = await work();
  const wall = (performance.now() - begun) / 1000;
  const after = cpu();
  return { value, wall, serverCpu: after[0] - server, clientCpu: after[1] - own, storeCpu: after[2] - store };
}

async function peerRound(bed: BackupBed, options: BackupBenchOptions, round: number): Promise<BackupSample> {
  const container = `peer-${round}`;
  const client = (): number => ownSeconds(process.pid) + waitedChildrenSeconds();
  const { value, ...facts } = await measure(bed, { client }, () => backUpAsPeer(bed, options.jobs, container));
  const restoreWall = options.restore ? await restoreSeconds(bed, 'peer', () => restoreAsPeer(bed, options.jobs, container)) : undefined;
  return { ...facts, storedBytes: value.storedBytes, ...(restoreWall === undefined ? {} : { restoreWall }) };
}

/** As an operator does it: the workflow of the policy, on a worker that runs already, with its proof off. */
async function ownRound(bed: BackupBed, options: BackupBenchOptions): Promise<BackupSample> {
  await using open = await connectClient(temporalConnection());
  resetPeakMemory(bed.workerPid);
  const { value, ...facts } = await measure(bed, { client: () => treeSeconds(bed.workerPid) }, async () => await workflowResult<BackUpServerResult>(open.client, await startBackup(open.client, { policy: POLICY, requestedBy: 'bench' })));
  const workerMemory = peakMemory(bed.workerPid);
  const [database] = value.databases;
  const { rawBytes, storedBytes, peakStagingBytes, heldUpSeconds } = await lastDump();
  const restore = async (): Promise<void> => {
    await workflowResult<RestoreBackupResult>(open.client, await startRestore(open.client, { backup: database?.backupId, server: 'target', database: 'ours', owners: true, privileges: true, missingRoles: 'refuse', requestedBy: 'bench' }));
  };
  resetPeakMemory(bed.workerPid);
  const restoreWall = options.restore ? await restoreSeconds(bed, 'ours', restore) : undefined;
  return { ...facts, storedBytes, workerMemory, restoreMemory: peakMemory(bed.workerPid), stagingShare: peakStagingBytes / rawBytes, heldUpSeconds, ...(restoreWall === undefined ? {} : { restoreWall }) };
}

async function restoreSeconds(bed: BackupBed, database: string, restore: () => Promise<void>): Promise<number> {
  await using session = await connect(bed.target.address, { purpose: 'bench' });
  const begun = performance.now();
  await restore();
  const seconds = (performance.now() - begun) / 1000;
  await session.execute(`DROP DATABASE ${database}`);
  return seconds;
}

interface DumpFacts {
  readonly rawBytes: number;
  readonly storedBytes: number;
  readonly peakStagingBytes: number;
  readonly heldUpSeconds: number;
}

/** What the audit says of the newest dump. */
async function lastDump(): Promise<DumpFacts> {
  const { address, database } = catalogAddress(undefined);
  await using catalog = await openCatalog(address, database);
  return (await catalog.sessions.use((session) => session.row<{ detail: DumpFacts }>(`SELECT detail FROM pgconvoy.audit WHERE action = 'backup.store' ORDER BY seq DESC LIMIT 1`))).detail;
}

function reportOf(samples: ReadonlyMap<string, readonly BackupSample[]>, { bytes, pgbackrest }: BackupBenchOptions): BackupBenchReport {
  const contenders = [...samples].map(([name, list]): BackupContender => {
    const restores = list.flatMap(({ restoreWall }) => restoreWall ?? []);
    return { name, samples: list, median: median(list.map(({ wall }) => wall)), restoreMedian: restores.length === 0 ? null : median(restores) };
  });
  const ours = contenders.find(({ name }) => name === OURS)!;
  const peers = contenders.filter((one) => one !== ours);
  const peer = peers[0]!;
  return {
    bytes,
    ratio: ours.median / peer.median,
    restoreRatio: ours.restoreMedian === null || peer.restoreMedian === null ? null : ours.restoreMedian / peer.restoreMedian,
    storedRatio: median(ours.samples.map(({ storedBytes }) => storedBytes)) / median(peer.samples.map(({ storedBytes }) => storedBytes)),
    stagingShareMax: Math.max(...ours.samples.map(({ stagingShare }) => stagingShare ?? 0)),
    workerMemoryMax: Math.max(...ours.samples.map(({ workerMemory }) => workerMemory ?? 0)),
    restoreMemoryMax: Math.max(...ours.samples.map(({ restoreMemory }) => restoreMemory ?? 0)),
    ours,
    peers,
    absent: pgbackrest ? [] : ['pgBackRest, which `--pgbackrest` asks for'],
  };
}
