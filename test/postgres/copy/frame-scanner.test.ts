import fc from 'fast-check';
import { expect, it } from 'vitest';

import { FrameScanner } from '../../../postgres/copy/frame-scanner.ts';

interface Frame {
  readonly type: string;
  readonly payload: Uint8Array;
}

const frame = fc.record({ type: fc.constantFrom('d', 'd', 'd', 'C', 'Z', 'E', 'c', 'H', 'N'), payload: fc.uint8Array({ maxLength: 40 }) });

function encode({ type, payload }: Frame): Buffer {
  const header = Buffer.alloc(5);
  header.write(type, 0, 'latin1');
  header.writeUInt32BE(payload.length + 4, 1);
  return Buffer.concat([header, payload]);
}

/** What the scanner makes of a stream that comes in these chunks: runs of data joined, control frames between them. */
function scan(stream: Buffer, cuts: readonly number[]): { seen: string[]; dataBytes: number } {
  const seen: string[] = [];
  let run = '';
  const flush = (): void => {
    if (run !== '') seen.push(`data ${run}`);
    run = '';
  };
  const scanner = new FrameScanner({
    data: (bytes) => {
      expect(bytes.length).toBeGreaterThan(0);
      run += bytes.toString('hex');
    },
    control: (bytes) => {
      flush();
      seen.push(`control ${bytes.toString('hex')}`);
    },
  });
  const edges = [...new Set([0, ...cuts.map((cut) => cut % (stream.length + 1)), stream.length])].toSorted((a, b) => a - b);
  for (let index = 1; index < edges.length; index += 1) scanner.push(Buffer.from(stream.subarray(edges[index - 1], edges[index])));
  flush();
  expect(scanner.insideRow).toBe(false);
  return { seen, dataBytes: scanner.dataBytes };
}

it('gives the same frames however the network cuts the stream', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 30 }), fc.array(fc.nat(2000), { maxLength: 60 }), (frames, cuts) => {
      const stream = Buffer.concat(frames.map(encode));
      const { seen, dataBytes } = scan(stream, cuts);
      expect(seen).toEqual(scan(stream, []).seen);
      expect(seen.map((entry) => entry.split(' ')[1]).join('')).toBe(stream.toString('hex'));
      expect(seen.filter((entry) => entry.startsWith('control'))).toEqual(frames.filter(({ type }) => type !== 'd').map((one) => `control ${encode(one).toString('hex')}`));
      expect(dataBytes).toBe(frames.reduce((sum, { type, payload }) => sum + (type === 'd' ? payload.length : 0), 0));
    }),
  );
});

it('passes one byte at a time, and never keeps a row', () => {
  const stream = Buffer.concat([encode({ type: 'd', payload: new Uint8Array(500) }), encode({ type: 'C', payload: Buffer.from('COPY 1\0') })]);
  const { seen } = scan(stream, Array.from({ length: stream.length }, (_, index) => index));
  expect(seen).toHaveLength(2);
});

it('knows when it has passed on only a part of a row', () => {
  const row = encode({ type: 'd', payload: new Uint8Array(10) });
  for (const [end, inside] of [[3, false], [5, true], [14, true], [15, false]] as const) {
    const fresh = new FrameScanner({ data: () => undefined, control: () => undefined });
    fresh.push(row.subarray(0, end));
    expect(fresh.insideRow).toBe(inside);
  }
});
