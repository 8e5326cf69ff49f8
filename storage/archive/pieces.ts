/** Of a file of pg_dump, compressed and sealed at once: what one frame holds. Part of the format: readers keep room for it. */
export const PIECE_BYTES = 4 * 1024 * 1024;

/** Buffers that are used again: to have fresh ones from the system costs more time than to hash them. */
const free: Buffer[] = [];
const MOST_FREE = 8;

/** A piece that {@link inPieces} made and nobody looks at any more. Others are let be. */
export function releasePiece(piece: Buffer): void {
  if (made.delete(piece.buffer) && free.length < MOST_FREE) free.push(Buffer.from(piece.buffer, 0, PIECE_BYTES));
}

const made = new WeakSet<ArrayBufferLike>();

function takeBuffer(): Buffer {
  const buffer = free.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES);
  made.add(buffer.buffer);
  return buffer;
}

/** The content in pieces of {@link PIECE_BYTES}, the last one smaller, also when it is empty: there is always one. */
export async function* inPieces(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let piece: Buffer | undefined;
  let filled = 0;
  let any = false;
  for await (let part of content) {
    while (part.length > 0) {
      if (filled === 0 && part.length === PIECE_BYTES) {
        any = true;
        yield part; // as it came, without a copy
        break;
      }
      piece ??= takeBuffer();
      const taken = part.copy(piece, filled);
      filled += taken;
      part = part.subarray(taken);
      if (filled < PIECE_BYTES) break;
      any = true;
      yield piece;
      piece = undefined;
      filled = 0;
    }
  }
  if (piece !== undefined) yield piece.subarray(0, filled);
  else if (!any) yield Buffer.alloc(0);
}
