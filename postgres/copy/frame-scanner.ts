/** Type byte and length word: what stands in front of every message of the protocol. */
const HEADER_BYTES = 5;
const COPY_DATA = 0x64; // 'd'

export interface FrameSink {
  /** A run of bytes made of CopyData frames, or of parts of them: to be passed on as it is. */
  data(bytes: Buffer): void;
  /** One whole frame of any other type. */
  control(frame: Buffer): void;
}

/**
 * Walks the frames of a server's stream without looking into them. CopyData passes through in the chunks the network
 * gave, whatever the width of a row: a row of 200 MB is one frame and never in memory as a whole.
 */
export class FrameScanner {
  readonly #sink: FrameSink;
  /** Bytes of the current CopyData frame that are still to come. */
  #dataLeft = 0;
  /** A header or control frame of which only a part has come. */
  #partial: Buffer | undefined;
  /** Payload bytes of CopyData seen. */
  dataBytes = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Whether the data passed on so far ends in the middle of a frame. */
  get insideRow(): boolean {
    return this.#dataLeft > 0;
  }

  push(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#partial !== undefined) {
      bytes = Buffer.concat([this.#partial, chunk]);
      this.#partial = undefined;
    }
    let runStart = 0;
    let at = 0;
    const length = bytes.length;
    for (;;) {
      if (this.#dataLeft > 0) {
        const step = Math.min(this.#dataLeft, length - at);
        at += step;
        this.#dataLeft -= step;
        if (this.#dataLeft > 0) break; // the chunk ends inside this row
      }
      if (length - at < HEADER_BYTES) break;
      const size = bytes.readUInt32BE(at + 1);
      if (bytes[at] === COPY_DATA) {
        this.dataBytes += size - 4;
        this.#dataLeft = size - 4;
        at += HEADER_BYTES;
        continue;
      }
      if (at > runStart) this.#sink.data(bytes.subarray(runStart, at));
      runStart = at;
      if (length - at < size + 1) break;
      at += size + 1;
      this.#sink.control(bytes.subarray(runStart, at));
      runStart = at;
    }
    if (at > runStart) this.#sink.data(bytes.subarray(runStart, at));
    if (at < length) this.#partial = Buffer.from(bytes.subarray(at));
  }
}
