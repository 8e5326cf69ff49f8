import type { BlockBlobClient } from '@azure/storage-blob';

import type { ByteRange } from '../object-store.ts';
import { StallTimer } from '../patience.ts';
import { betweenAttempts, type Persistence } from './attempts.ts';
import { failed, interrupted, isStatus } from './store-error.ts';

/** Where a download has come to; a broken one goes on from there. */
interface Position {
  offset: number;
  /** Absent until the first answer says how much there is. */
  left: number | undefined;
  /** Of the object whose beginning we have: the rest has to be of the same. */
  etag: string | undefined;
  failures: number;
}

/** The content in pieces. Goes on where a connection broke, and never gives less than the service said there is. */
export async function* download(blob: BlockBlobClient, how: Persistence, range?: ByteRange): AsyncGenerator<Uint8Array> {
  const position: Position = { offset: range?.offset ?? 0, left: range?.bytes, etag: undefined, failures: 0 };
  while (position.left !== 0) {
    const timer = new StallTimer(how.patience.stallMs, how.signal);
    try {
      yield* once(blob, position, timer);
    } catch (error) {
      if (isStatus(error, 416)) return; // begins behind the end
      if (isStatus(error, 412)) throw failed(how.name, 'It was replaced while it was read.');
      position.failures += 1;
      await betweenAttempts(how, position.failures, { error, stalled: timer.stalled });
    } finally {
      timer.rest();
    }
    if (how.signal?.aborted === true) throw interrupted(how.name);
  }
}

async function* once(blob: BlockBlobClient, position: Position, timer: StallTimer): AsyncGenerator<Uint8Array> {
  const conditions = position.etag === undefined ? {} : { conditions: { ifMatch: position.etag } };
  const answer = await blob.download(position.offset, position.left, { abortSignal: timer.signal, ...conditions });
  position.etag = answer.etag;
  position.left = answer.contentLength ?? 0;
  for await (const piece of (answer.readableStreamBody ?? []) as AsyncIterable<Buffer>) {
    timer.rest();
    position.failures = 0;
    position.offset += piece.length;
    position.left -= piece.length;
    yield piece;
    timer.progress();
  }
}
