/** Gathers pieces of any size into blocks of one size, the last one smaller. An empty content has no block. */
export async function* inBlocks(content: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Buffer> {
  let gathered: Uint8Array[] = [];
  let size = 0;
  for await (let piece of content) {
    while (size + piece.length >= bytes) {
      const cut = bytes - size;
      yield Buffer.concat([...gathered, piece.subarray(0, cut)]);
      piece = piece.subarray(cut);
      gathered = [];
      size = 0;
    }
    if (piece.length === 0) continue;
    gathered.push(piece);
    size += piece.length;
  }
  if (size > 0) yield Buffer.concat(gathered);
}
