import { ByteReader } from '../../../storage/archive/byte-reader.ts';
import { zstdFrames } from '../../../storage/archive/zstd-frames.ts';

const SEALED_HEADER = Buffer.from('PGCONVOY-SEALED-1\n');

/** A stored object as what is in front and its frames; put together again they are the object. */
export interface Framed {
  readonly head: Buffer;
  readonly frames: readonly Buffer[];
}

export async function cutIntoFrames(object: Buffer): Promise<Framed> {
  if (object.subarray(0, SEALED_HEADER.length).equals(SEALED_HEADER)) return sealedFrames(object);
  const frames: Buffer[] = [];
  for await (const frame of zstdFrames(new ByteReader(one(object)), () => Buffer.alloc(object.length))) frames.push(Buffer.from(frame));
  return { head: Buffer.alloc(0), frames };
}

/** Length of what is sealed, nonce, then that. */
function sealedFrames(object: Buffer): Framed {
  const frames: Buffer[] = [];
  for (let at = SEALED_HEADER.length; at < object.length; ) {
    const end = at + 4 + 12 + object.readUInt32BE(at);
    frames.push(object.subarray(at, end));
    at = end;
  }
  return { head: SEALED_HEADER, frames };
}

export const joinFrames = ({ head, frames }: Framed): Buffer => Buffer.concat([head, ...frames]);

async function* one(object: Buffer): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(object);
}
