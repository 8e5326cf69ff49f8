import { BadFrame } from './bad-frame.ts';
import type { ByteReader } from './byte-reader.ts';
import { owned, release } from './own-memory.ts';
import { LENGTH_BYTES, NONCE_BYTES, SEALED_HEADER, type Sealing, TAG_BYTES } from './sealing.ts';
import { LONGEST_FRAME } from './zstd.ts';

/** The frames that were sealed, each authenticated before it is given. Throws {@link BadFrame}. */
export async function* unsealed(reader: ByteReader, sealing: Sealing): AsyncGenerator<Buffer> {
  if (!(await reader.read(SEALED_HEADER.length)).equals(SEALED_HEADER)) throw new BadFrame('It does not begin as a sealed object does.');
  for (let index = 0, last = false; !last; index += 1) {
    const head = await reader.read(LENGTH_BYTES + NONCE_BYTES);
    const bytes = head.length === LENGTH_BYTES + NONCE_BYTES ? head.readUInt32BE(0) : 0;
    if (bytes < TAG_BYTES || bytes > LONGEST_FRAME + TAG_BYTES) throw new BadFrame(`Frame ${index} has an impossible length.`);
    const sealed = owned(await reader.read(bytes));
    if (sealed.length !== bytes) throw new BadFrame(`It ends within frame ${index}.`);
    last = await reader.atEnd();
    const frame = sealing.open(head.subarray(LENGTH_BYTES), sealed, { index, last });
    release(sealed);
    if (frame === undefined) throw new BadFrame(`Frame ${index} does not open: it was changed, or belongs to another place, file or backup.`);
    yield owned(frame);
  }
}
