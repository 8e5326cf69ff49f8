import { once } from 'node:events';
import type { Socket } from 'node:net';

import type { Session } from '../connection.ts';
import { CopySide } from './copy-side.ts';

export interface CopyInOptions {
  /** Told of every piece how many bytes have been sent so far. */
  readonly onProgress?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
  /** Told of every piece once the connection holds it no more. */
  readonly onSent?: (piece: Buffer) => void;
}

/** Bytes that may wait in the socket before the content is asked for more. */
const HIGH_WATER = 1 << 20;

/**
 * Runs `COPY … FROM STDIN` with content that is made while it is sent, and gives the number of rows the server took. When the
 * content throws, the server is told to forget what came (CopyFail) and the error goes on: rows of content that did not end
 * well are never kept. The caller owns the transaction.
 */
export async function copyIn(session: Session, sql: string, content: AsyncIterable<Buffer>, options: CopyInOptions = {}): Promise<number> {
  const side = new CopySide(session, 'target');
  const { signal } = options;
  const abort = (): void => side.abandon(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    side.start(sql);
    await side.copying();
    await send(side, content, options);
    side.lease.endCopy();
    return await side.finished();
  } catch (error) {
    if (side.started && !side.ended) {
      side.lease.endCopy('the content could not be read to its end');
      await side.finished().catch(() => undefined);
    }
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    side.release();
  }
}

async function send(side: CopySide, content: AsyncIterable<Buffer>, { onProgress, signal, onSent }: CopyInOptions): Promise<void> {
  const { socket } = side.lease;
  let sent = 0;
  for await (const piece of content) {
    signal?.throwIfAborted();
    if (piece.length === 0) continue;
    if (side.ended) await side.finished(); // the server has refused a row; it throws why
    socket.cork();
    socket.write(headOf(piece));
    socket.write(piece, onSent === undefined ? undefined : (error) => void (error ?? onSent(piece)));
    socket.uncork();
    sent += piece.length;
    onProgress?.(sent);
    if (socket.writableLength > HIGH_WATER) await Promise.race([drained(socket), side.failed()]);
  }
}

/** A connection that breaks while we wait never drains; `failed` tells of it. */
async function drained(socket: Socket): Promise<void> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  socket.once('close', end);
  await once(socket, 'drain', { signal: stop.signal }).catch(() => undefined);
  socket.off('close', end);
}

/** A frame of CopyData may end anywhere in a row. https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY */
function headOf(piece: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write('d', 0, 'latin1');
  head.writeUInt32BE(piece.length + 4, 1);
  return head;
}
