import { OperationError } from '../domain/errors.ts';
import type { DumpEnd, DumpProducer, DumpProgress, ProducedFile } from './dump-producer.ts';
import { libpqEnvironment, type ProgramTarget } from './libpq-environment.ts';
import { DUMP_SETTINGS, dumpFailed } from './pg-dump-directory.ts';
import { type PostgresInstallation, programPath } from './postgres-installations.ts';
import { type ProcessGroup, startGroup } from './process-group.ts';
import { openStaging, type StagingPlace } from './staging-folder.ts';

export type StreamFormat = 'custom' | 'plain' | 'cluster';

export interface StreamDumpOrder extends ProgramTarget {
  readonly clients: PostgresInstallation;
  readonly format: StreamFormat;
  /** Of no use to a whole cluster: each of its databases is dumped as of a moment of its own. */
  readonly snapshot: string;
  readonly lockTimeoutMs: number;
  readonly purpose: string;
  /** Whether passwords of roles may be read; of a cluster only. */
  readonly passwords: boolean;
  /** For the pid file alone: nothing of the dump is staged. */
  readonly staging: StagingPlace;
  readonly signal: AbortSignal;
}

/** The one file of each format. */
export const STREAM_FILES: Readonly<Record<StreamFormat, string>> = { custom: 'database.dump', plain: 'database.sql', cluster: 'cluster.sql' };

/** Starts a dump that is one stream, by one session: pg_dump waits by itself while nobody reads. */
export async function dumpStream(order: StreamDumpOrder): Promise<DumpProducer> {
  await using made = new AsyncDisposableStack();
  const staging = made.use(await openStaging(order.staging));
  const group = await startGroup({
    program: programPath(order.clients, order.format === 'cluster' ? 'pg_dumpall' : 'pg_dump'),
    args: [...argsOf(order), '--no-password', `--lock-wait-timeout=${order.lockTimeoutMs}`],
    env: await libpqEnvironment(order, { folder: staging.folder, purpose: order.purpose, settings: DUMP_SETTINGS }),
    pidFile: staging.pidFile,
    mark: '--lock-wait-timeout=',
    output: true,
  });
  return new StreamDump(order, group, made.move());
}

function argsOf({ format, snapshot, database, passwords }: StreamDumpOrder): string[] {
  if (format === 'cluster') return [`--database=${database}`, ...(passwords ? [] : ['--no-role-passwords'])];
  return [`--format=${format}`, '--compress=0', `--snapshot=${snapshot}`];
}

class StreamDump implements DumpProducer {
  readonly width = 1;
  readonly ended: Promise<DumpEnd>;
  readonly #order: StreamDumpOrder;
  readonly #made: AsyncDisposableStack;
  readonly #group: ProcessGroup;
  #rawBytes = 0;

  constructor(order: StreamDumpOrder, group: ProcessGroup, made: AsyncDisposableStack) {
    this.#order = order;
    this.#made = made;
    this.#group = group;
    this.ended = this.#judged();
    this.ended.catch(() => undefined); // whoever reads the file hears of it, too
  }

  async *files(): AsyncGenerator<ProducedFile> {
    await Promise.resolve();
    yield { name: STREAM_FILES[this.#order.format], kind: 'archive', content: this.#content() };
  }

  progress(): DumpProgress {
    return { files: 1, rawBytes: this.#rawBytes, stagedBytes: 0, heldUp: false };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#group.kill();
    this.#group.stdout?.destroy();
    await this.ended.catch(() => undefined);
    await this.#made.disposeAsync();
  }

  /** A stream that ends is no dump that ended well: the exit code is waited for. */
  async *#content(): AsyncGenerator<Buffer> {
    for await (const piece of (this.#group.stdout ?? []) as AsyncIterable<Buffer>) {
      this.#rawBytes += piece.length;
      yield piece;
    }
    await this.ended;
  }

  async #judged(): Promise<DumpEnd> {
    const { signal, clients } = this.#order;
    const kill = (): void => this.#group.kill();
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
    const end = await this.#group.ended.finally(() => signal.removeEventListener('abort', kill));
    if (end.exitCode === 0) return { clientVersion: clients.version, toc: undefined, peakStagingBytes: 0, heldUpSeconds: 0 };
    throw signal.aborted ? new OperationError('interrupted', 'the dump was stopped') : dumpFailed(this.#order, end);
  }
}
