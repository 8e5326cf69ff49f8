import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { readToc } from '../domain/backup/archive-toc.ts';
import type { FileKind } from '../domain/backup/manifest.ts';
import { OperationError } from '../domain/errors.ts';
import type { DumpEnd, DumpProducer, DumpProgress, ProducedFile } from './dump-producer.ts';
import type { GrowingFile } from './growing-file.ts';
import { type HolePuncher, openPuncher } from './hole-puncher.ts';
import { libpqEnvironment, type ProgramTarget } from './libpq-environment.ts';
import { type PostgresInstallation, programPath } from './postgres-installations.ts';
import { type GroupEnd, type ProcessGroup, startGroup } from './process-group.ts';
import { ProducedFiles } from './produced-files.ts';
import { openStaging, type Staging, type StagingPlace } from './staging-folder.ts';
import { freeBytes } from './staging-space.ts';
import { StagingWatch } from './staging-watch.ts';

export interface DirectoryDumpOrder extends ProgramTarget {
  readonly clients: PostgresInstallation;
  /** Exported by a session that lives until the dump has ended. */
  readonly snapshot: string;
  readonly jobs: number;
  readonly lockTimeoutMs: number;
  /** Shown in pg_stat_activity behind `pgconvoy_`. */
  readonly purpose: string;
  readonly staging: StagingPlace;
  readonly signal: AbortSignal;
}

/**
 * What makes rows look the same in the dump and in a session of ours. pg_dump sets the rest itself. Scans begin at the
 * beginning, so that the rows come in the order of the heap.
 */
export const DUMP_SETTINGS = { bytea_output: 'hex', synchronize_seqscans: 'off' };

/** Starts `pg_dump --format=directory` without compression into staging, whose space is given back as the files are read. */
export async function dumpDirectory(order: DirectoryDumpOrder): Promise<DumpProducer> {
  await using made = new AsyncDisposableStack();
  const staging = made.use(await openStaging(order.staging));
  const archive = join(staging.folder, 'archive');
  await mkdir(archive);
  const puncher = await openPuncher(archive);
  if (puncher !== undefined) made.use(puncher);
  const group = await startGroup({
    program: programPath(order.clients, 'pg_dump'),
    args: [
      '--format=directory', '--compress=0', '--no-sync', '--no-password', `--jobs=${order.jobs}`, `--snapshot=${order.snapshot}`,
      `--lock-wait-timeout=${order.lockTimeoutMs}`, `--file=${archive}`,
    ],
    env: await libpqEnvironment(order, { folder: staging.folder, purpose: order.purpose, settings: DUMP_SETTINGS }),
    pidFile: staging.pidFile,
    mark: archive,
    output: false,
  });
  return new DirectoryDump({ order, staging, archive, group, puncher, made: made.move() });
}

interface StartedDump {
  readonly order: DirectoryDumpOrder;
  readonly staging: Staging;
  readonly archive: string;
  readonly group: ProcessGroup;
  readonly puncher: HolePuncher | undefined;
  /** What is undone in the end: the folder, and who works in it. */
  readonly made: AsyncDisposableStack;
}

class DirectoryDump implements DumpProducer {
  readonly #started: StartedDump;
  readonly #watch: StagingWatch;
  readonly #files = new ProducedFiles();
  #toc: GrowingFile | undefined;
  readonly ended: Promise<DumpEnd>;
  readonly width: number;

  constructor(started: StartedDump) {
    this.#started = started;
    const { archive: folder, group, staging, order, puncher } = started;
    // Each job writes one file, and for large objects the list of them beside it.
    this.width = 2 * order.jobs;
    this.#watch = new StagingWatch({ folder, group, puncher, limitBytes: staging.limitBytes, last: TOC, onFile: (file) => this.#offer(file) });
    this.ended = this.#run();
    this.ended.catch(() => undefined); // whoever reads the files hears of it, too
  }

  files(): AsyncIterable<ProducedFile> {
    return this.#files.each();
  }

  progress(): DumpProgress {
    const { fileCount, rawBytes, allocatedBytes, holdUp } = this.#watch;
    return { files: fileCount, rawBytes, stagedBytes: allocatedBytes, heldUp: holdUp.now };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#started.group.kill();
    await this.ended.catch(() => undefined);
    await this.#started.made.disposeAsync();
  }

  async #run(): Promise<DumpEnd> {
    try {
      await this.#untilEnded();
      this.#watch.end();
      // It is written before the rows, and would be there after a dump that failed as well: so only now.
      const toc = readToc(await readFile(join(this.#started.archive, TOC)));
      if (this.#toc !== undefined) this.#files.offer(producedOf(this.#toc));
      this.#files.close();
      return { clientVersion: this.#started.order.clients.version, toc, peakStagingBytes: this.#watch.peakBytes, heldUpSeconds: this.#watch.holdUp.seconds };
    } catch (error) {
      this.#started.group.kill();
      this.#watch.end(error as Error);
      this.#files.close(error as Error);
      throw error;
    }
  }

  async #untilEnded(): Promise<void> {
    const { group, order } = this.#started;
    const kill = (): void => group.kill();
    order.signal.addEventListener('abort', kill, { once: true });
    if (order.signal.aborted) kill();
    try {
      const end = await Promise.race([group.ended, this.#watch.run().then(() => group.ended)]);
      this.#judge(end);
    } finally {
      order.signal.removeEventListener('abort', kill);
    }
  }

  #judge({ exitCode, signal, said }: GroupEnd): void {
    if (exitCode === 0) return;
    const { order, staging } = this.#started;
    if (order.signal.aborted) throw new OperationError('interrupted', 'the dump was stopped');
    // Between two looks a disk may be full and have room again: that it was short is what we see of it.
    if (Math.min(this.#watch.lowestFreeBytes, freeBytes(staging.folder)) < this.#watch.reserveBytes) throw new OperationError('staging_full', `staging folder ${staging.folder} is full`, { detail: said });
    throw dumpFailed(order, { exitCode, signal, said });
  }

  #offer(file: GrowingFile): void {
    if (basename(file.path) === TOC) this.#toc = file;
    else this.#files.offer(producedOf(file));
  }
}

/** The error for a dump program that did not end well. */
export const dumpFailed = ({ database, server }: ProgramTarget, { exitCode, signal, said }: GroupEnd): OperationError =>
  new OperationError('dump_failed', `the dump of database ${database} on server ${server.name} failed`, { detail: said, context: { exitCode, signal } });

const TOC = 'toc.dat';

const producedOf = (file: GrowingFile): ProducedFile => ({ name: basename(file.path), kind: kindOf(basename(file.path)), content: file.read() });

/** pg_dump's names: `3012.dat` rows, `blobs_7.toc` (before 17 `blobs.toc`) and `blob_16400.dat` large objects. */
const kindOf = (name: string): FileKind => (name === TOC ? 'toc' : name.startsWith('blob') ? 'large-objects' : 'data');
