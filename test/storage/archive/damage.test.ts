import { hash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

import { describe, expect, it } from 'vitest';

import type { BackupCompression, ManifestFile } from '../../../domain/backup/manifest.ts';
import { newDataKey } from '../../../storage/archive/data-key.ts';
import { memoryStore } from '../../../storage/memory-store.ts';
import { joined, PREFIX, readBack, stageAndCommit, type Stored } from './archive-file.ts';

const HEADER = 18;
/** Where the sealed frames of an object begin, and its end. */
function framesIn(object: Buffer): number[] {
  const starts = [HEADER];
  while (starts.at(-1)! < object.length) starts.push(starts.at(-1)! + 16 + object.readUInt32BE(starts.at(-1)!));
  return starts;
}

const END = Buffer.from('\\.\n\n\n');
/** Three frames. */
const content = Buffer.concat([randomBytes(8_400_000), END]);
const nameOf = ({ staged }: Stored): string => PREFIX + staged.file.object;
const objectOf = async (stored: Stored): Promise<Buffer> => await joined(stored.store.get(nameOf(stored)));

/** The manifest as somebody would write it who knows what he has done to the object. */
async function forged(stored: Stored): Promise<ManifestFile> {
  const object = await objectOf(stored);
  return { ...stored.staged.file, bytes: object.length, sha256: hash('sha256', object) };
}

const whole = new Map<string, Promise<Stored>>();
/** The content, stored once in each way; {@link damagedCopy} leaves it as it is. */
function stored(compression: BackupCompression = 'zstd', sealed = true): Promise<Stored> {
  const way = `${compression} ${sealed}`;
  const found = whole.get(way) ?? stageAndCommit({ content, compression, ...(sealed ? {} : { dataKey: null }) });
  whole.set(way, found);
  return found;
}

/** The same, in a store of its own where something else is in the place of the object. */
async function damagedCopy(one: Stored, change: (object: Buffer) => Buffer): Promise<Stored> {
  const store = memoryStore();
  await store.put({ name: nameOf(one), content: Readable.from([change(await objectOf(one))]) });
  return { ...one, store };
}

describe('B9 what is wrong with an object is told with its name, what was expected and what is there', () => {
  it.each([
    ['a byte was flipped', (object: Buffer) => (object.writeUInt8(object.readUInt8(5_000_000) ^ 1, 5_000_000), object), 'Its SHA-256 differs.'],
    ['the end is missing', (object: Buffer) => object.subarray(0, -1), 'It is shorter than it was.'],
    ['there is more behind the end', (object: Buffer) => Buffer.concat([object, Buffer.from('x')]), 'It is longer than it was.'],
    ['it is empty', () => Buffer.alloc(0), 'It is shorter than it was.'],
  ])('%s', async (_, change, what) => {
    for (const compression of ['zstd', 'none'] as const) {
      for (const sealed of [true, false]) {
        const damaged = await damagedCopy(await stored(compression, sealed), change);
        const error: unknown = await readBack(damaged).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: 'backup_damaged', detail: expect.stringContaining(what) as string, context: { object: nameOf(damaged), expected: expect.anything() as unknown, actual: expect.anything() as unknown } });
      }
    }
  });

  it('it is not there', async () => {
    await expect(readBack({ ...(await stored()), store: memoryStore() })).rejects.toMatchObject({ code: 'backup_damaged', detail: 'It is not in the store.' });
  });
});

describe('with a manifest that was made to fit, a sealed object still does not open when', () => {
  const opensNot = async (change: (object: Buffer) => Buffer, compression?: BackupCompression): Promise<void> => {
    const damaged = await damagedCopy(await stored(compression), change);
    // By the cipher alone: the hash of the content, which would find it too, comes later.
    await expect(readBack(damaged, await forged(damaged))).rejects.toMatchObject({ code: 'backup_damaged', detail: expect.stringMatching(/^(Frame \d|It does not begin|It ends within)/) as string });
  };

  it('B5 B6 it was cut off between two frames', async () => {
    for (const kept of [0, 1, 2]) await opensNot((object) => object.subarray(0, framesIn(object)[kept]), 'none');
  });

  it('frames changed places', async () => {
    await opensNot((object) => {
      const [first, second, third] = framesIn(object) as [number, number, number, ...number[]];
      return Buffer.concat([object.subarray(0, first), object.subarray(second, third), object.subarray(first, second), object.subarray(third)]);
    });
  });

  it('a frame is there twice', async () => {
    await opensNot((object) => {
      const [first, second] = framesIn(object) as [number, number, ...number[]];
      return Buffer.concat([object.subarray(0, second), object.subarray(first)]);
    });
  });

  it.each([['the header', 3], ['the length of a frame', 18], ['a nonce', 23], ['a ciphertext', 1_000], ['the last tag', -1]])('a byte of %s was changed', async (_, at) => {
    await opensNot((object) => {
      const place = at < 0 ? object.length + at : at;
      object.writeUInt8(object.readUInt8(place) ^ 0x80, place);
      return object;
    });
  });

  it('B8 it is another file of the same backup, or was another key\'s', async () => {
    const [store, dataKey] = [memoryStore(), newDataKey()];
    const first = await stageAndCommit({ store, dataKey, name: '1.dat', content: randomBytes(5_000_000) });
    const second = await stageAndCommit({ store, dataKey, name: '2.dat', content: randomBytes(5_000_000) });
    const { object, ...facts } = second.staged.file;
    await expect(readBack(first, { ...facts, name: '1.dat', object })).rejects.toMatchObject({ code: 'backup_damaged', detail: expect.stringContaining('Frame 0 does not open') as string });
    await expect(readBack({ ...first, dataKey: newDataKey() })).rejects.toMatchObject({ code: 'backup_damaged' });
  });
});

it('B8 finds another valid file in the place of one that is not sealed', async () => {
  const store = memoryStore();
  const first = await stageAndCommit({ store, dataKey: null, name: '1.dat', content: Buffer.concat([randomBytes(5_000_000), END]) });
  const second = await stageAndCommit({ store, dataKey: null, name: '2.dat', content: Buffer.concat([randomBytes(5_500_000), END]) });
  await expect(readBack(first, { ...first.staged.file, object: second.staged.file.object, bytes: second.staged.file.bytes })).rejects.toMatchObject({ code: 'backup_damaged', detail: expect.stringContaining(first.staged.file.sha256) as string });
  // Also when the hash of what is stored was made to fit: the manifest has the hash of the content too.
  await expect(readBack(first, { ...second.staged.file, rawSha256: first.staged.file.rawSha256 })).rejects.toMatchObject({ code: 'backup_damaged', detail: expect.stringContaining('unpacks to other bytes') as string });
});

it('B9 does not take a store that fails for damage', async () => {
  const failing = { ...memoryStore(), get: () => { throw Object.assign(new Error('reset'), { code: 'ECONNRESET' }); } };
  await expect(readBack({ ...(await stored()), store: failing })).rejects.toMatchObject({ code: 'ECONNRESET' });
});

it('gives no memory to a frame that claims to be huge', async () => {
  for (const sealed of [true, false]) {
    const damaged = await damagedCopy(await stored('zstd', sealed), (object) => (sealed ? object.fill(0x7f, HEADER, HEADER + 4) : object.fill(0xff, 6, 12)));
    await expect(readBack(damaged, await forged(damaged))).rejects.toMatchObject({ code: 'backup_damaged' });
  }
});
