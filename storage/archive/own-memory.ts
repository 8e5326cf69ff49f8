const ours = new WeakSet<ArrayBufferLike>();

/** Marks a buffer whose memory nobody else has a part of, so that {@link release} may free it. Small ones are parts of Node's pool and stay as they are. */
export function owned(buffer: Buffer): Buffer {
  if (buffer.buffer.byteLength > Buffer.poolSize) ours.add(buffer.buffer);
  return buffer;
}

/**
 * Frees the memory of a buffer that nobody looks at any more, at once; a part of it stands for all of it, and those of others
 * are let be. The collector sees only the heap grow, and lets hundreds of megabytes outside of it lie.
 */
export function release(part: Buffer): void {
  if (ours.delete(part.buffer)) (part.buffer as ArrayBuffer).transfer(0);
}
