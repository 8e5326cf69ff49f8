import { OperationError } from '../../domain/errors.ts';
import type { Session } from '../connection.ts';
import { CopySide } from './copy-side.ts';

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
