import { once } from 'node:events';

import { OperationError } from '../../domain/errors.ts';
import type { Session } from '../connection.ts';
import { FrameScanner } from './frame-scanner.ts';
import { type ControlMessage, parseControl, ProtocolLease } from './protocol-lease.ts';
import { toOperationError } from '../sqlstate.ts';

export interface SpliceResult {
  /** Rows, as both servers counted them. */
  readonly rows: number;
  /** Bytes of row data that went through. */
  readonly bytes: number;
}

export interface SpliceOptions {
  /** Told now and then how many bytes have passed; for heartbeats. */
  readonly onProgress?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/** Bytes that may wait in the target's socket before the source is told to stop. */
const HIGH_WATER = 1 << 20;

/**
 * Runs `COPY … TO STDOUT` on the source and `COPY … FROM STDIN` on the target and passes the frames from one socket to
 * the other, unread. Memory is bounded by the sockets' buffers. When either side fails, the other side's COPY is failed
 * too; both sessions are idle again afterwards, or lost. The caller owns the transactions.
 */
export async function spliceCopy(from: { session: Session; sql: string }, to: { session: Session; sql: string }, options: SpliceOptions = {}): Promise<SpliceResult> {
  const source = new CopySide(from.session, 'source');
  const target = new CopySide(to.session, 'target');
  const { signal } = options;
  const abort = (): void => {
    source.abandon(signal?.reason);
    target.abandon(signal?.reason);
  };
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    target.start(to.sql);
    await target.copying();
    source.start(from.sql);
    await pump(source, target, options.onProgress);
    const sent = await source.finished();
    target.lease.endCopy();
    const taken = await target.finished();
    if (sent !== taken) throw new OperationError('bug', `the source sent ${sent} rows and the target took ${taken}`);
    return { rows: taken, bytes: source.scanner.dataBytes };
  } catch (error) {
    await settle(source, target);
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    source.release();
    target.release();
  }
}

/** After a failure: neither side may be left in the middle of a COPY, or its session could not even roll back. */
async function settle(source: CopySide, target: CopySide): Promise<void> {
  // The source has no message to stop a COPY TO; its connection is cut, and its read-only transaction with it.
  if (source.started && !source.ended) source.abandon();
  if (!target.started) return;
  if (source.scanner.insideRow) {
    // Whatever came next would be taken for the rest of the row.
    target.abandon();
    await target.closed();
    return;
  }
  if (target.ended) return;
  target.lease.endCopy('the source side failed');
  await target.finished().catch(() => undefined);
}

async function pump(source: CopySide, target: CopySide, onProgress?: (bytes: number) => void): Promise<void> {
  const out = target.lease.socket;
  let reported = 0;
  source.onData = (bytes) => {
    const flowing = out.write(bytes);
    if (!flowing && out.writableLength > HIGH_WATER) {
      source.lease.socket.pause();
      out.once('drain', () => source.lease.socket.resume());
    }
    if (onProgress !== undefined && source.scanner.dataBytes - reported > 4 << 20) {
      reported = source.scanner.dataBytes;
      onProgress(reported);
    }
  };
  // The target may fail in the middle (a bad row, a full disk): then there is no point in reading on.
  await Promise.race([source.finished(), target.failed()]);
}

/** One of the two conversations, from its query to ReadyForQuery. */
class CopySide {
  readonly lease: ProtocolLease;
  readonly scanner: FrameScanner;
  readonly #session: Session;
  readonly #name: string;
  onData: (bytes: Buffer) => void = () => undefined;
  started = false;
  ended = false;
  #error: Error | undefined;
  #rows = 0;
  readonly #copying = Promise.withResolvers<void>();
  readonly #finished = Promise.withResolvers<number>();
  readonly #failed = Promise.withResolvers<never>();
  readonly #onClose = (): void => this.#end(toOperationError(new Error('the connection was cut'), `copy on the ${this.#name}, ${this.#session.place()}`));

  constructor(session: Session, name: string) {
    this.#session = session;
    this.#name = name;
    this.lease = new ProtocolLease(session);
    this.scanner = new FrameScanner({ data: (bytes) => this.onData(bytes), control: (frame) => this.#control(parseControl(frame)) });
    for (const promise of [this.#copying.promise, this.#finished.promise, this.#failed.promise]) promise.catch(() => undefined);
    this.lease.socket.once('close', this.#onClose);
    if (session.lost || this.lease.socket.destroyed) this.#onClose();
  }

  start(sql: string): void {
    if (this.ended) return;
    this.started = true;
    this.lease.socket.on('data', (chunk: Buffer) => this.scanner.push(chunk));
    this.lease.socket.resume();
    this.lease.query(sql);
  }

  /** Resolves when the server is ready to take rows. */
  copying = (): Promise<void> => this.#copying.promise;
  /** Resolves to the number of rows at ReadyForQuery. */
  finished = (): Promise<number> => this.#finished.promise;
  /** Never resolves; rejects as soon as the server reports an error. */
  failed = (): Promise<never> => this.#failed.promise;

  /** Resolves when the connection is gone, and the driver knows it. */
  async closed(): Promise<void> {
    if (!this.lease.socket.closed) await once(this.lease.socket, 'close');
  }

  abandon(reason?: unknown): void {
    this.#error ??= reason instanceof Error ? reason : undefined;
    this.lease.abandon();
  }

  release(): void {
    this.lease.socket.removeListener('close', this.#onClose);
    this.lease.release();
  }

  #control(message: ControlMessage): void {
    switch (message.name) {
      case 'copyInResponse':
        this.#copying.resolve();
        return;
      case 'commandComplete':
        this.#rows = Number(/^COPY (\d+)$/.exec(message.text ?? '')?.[1] ?? Number.NaN);
        return;
      case 'error':
        this.#error ??= toOperationError(message, `copy on the ${this.#name}, ${this.#session.place()}`, 'copy_failed');
        this.#copying.reject(this.#error);
        this.#failed.reject(this.#error);
        return;
      case 'readyForQuery':
        this.#end(this.#error);
        return;
      default: // copyOutResponse, copyDone, notices, parameter changes: nothing to do
    }
  }

  #end(error: Error | undefined): void {
    if (this.ended) return;
    this.ended = true;
    this.#error ??= error;
    if (this.#error === undefined) {
      this.#finished.resolve(this.#rows);
      return;
    }
    this.#copying.reject(this.#error);
    this.#finished.reject(this.#error);
    this.#failed.reject(this.#error);
  }
}
