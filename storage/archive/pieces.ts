import { Buffers } from './buffers.ts';

/** Of a file of pg_dump, compressed and sealed at once: what one frame holds. Part of the format: readers keep room for it. */
export const PIECE_BYTES = 4 * 1024 * 1024;

/** Who is through with a piece of {@link inPieces} gives it back. */
export const pieces = new Buffers(PIECE_BYTES, 4);

/**
 * The content in pieces of {@link PIECE_BYTES}, the last one smaller, also when it is empty: there is always one. What the
 * content gives is copied before the next is asked for.
 */
export async function* inPieces(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let piece = pieces.take();
  let filled = 0;
  let any = false;
  for await (let part of content) {
    while (part.length > 0) {
      const taken = part.copy(piece, filled);
      filled += taken;
      part = part.subarray(taken);
      if (filled < PIECE_BYTES) break;
      yield piece;
      any = true;
      piece = pieces.take();
      filled = 0;
    }
  }
  if (filled > 0 || !any) yield piece.subarray(0, filled);
  else pieces.giveBack(piece);
}
