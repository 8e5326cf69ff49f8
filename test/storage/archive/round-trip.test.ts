import { hash, randomBytes } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { readBack, stageAndCommit } from './archive-file.ts';

const rows = (count: number): string => Array.from({ length: count }, (_, index) => `${index}\tname ${index % 97}\t${(index * 7919) % 10_007}\n`).join('');
const ended = (text: string): Buffer => Buffer.from(`${text}\\.\n\n\n`);
const data = (count: number): Buffer => ended(rows(count));
/** More than a piece. */
const MANY_ROWS = rows(250_000);

const CONTENTS: readonly (readonly [string, Buffer])[] = [
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from('x')],
  ['an empty table', data(0)],
  ['rows', data(1_000)],
  ['one piece to the byte', randomBytes(4 * 1024 * 1024)],
  ['many pieces that cannot be compressed', randomBytes(8_500_003)],
  ['pieces of rows', ended(MANY_ROWS)],
];

describe.each([
  { compression: 'zstd', sealed: true },
  { compression: 'zstd', sealed: false },
  { compression: 'none', sealed: true },
  { compression: 'none', sealed: false },
] as const)('a file that is stored with $compression, sealed: $sealed', ({ compression, sealed }) => {
  const how = { compression, ...(sealed ? {} : { dataKey: null }) };

  it.each(CONTENTS)('comes back as it was: %s', async (_, content) => {
    const stored = await stageAndCommit({ ...how, content });
    const { file } = stored.staged;
    expect((await readBack(stored)).equals(content)).toBe(true);
    expect(file).toMatchObject({ name: '3012.dat', rawBytes: content.length, rawSha256: hash('sha256', content) });
    expect(file.object).toBe(`files/3012.dat${compression === 'zstd' ? '.zst' : ''}${sealed ? '.sealed' : ''}`);
  });
});

it('knows the rows of a data file without its end marker, wherever reads and pieces are cut', async () => {
  for (const [count, text] of [[0, ''], [1, rows(1)], [250_000, MANY_ROWS]] as const) {
    const { staged } = await stageAndCommit({ content: ended(text) });
    expect(staged).toMatchObject({ lines: count, contentSha256: hash('sha256', text) });
  }
  const cut = await stageAndCommit({ content: (async function* odd() {
    for (const part of ['1\ta\n2', '\tb\n\\', '.\n', '\n', '\n']) yield await Promise.resolve(Buffer.from(part));
  })() });
  expect(cut.staged).toMatchObject({ lines: 2, contentSha256: hash('sha256', '1\ta\n2\tb\n') });
});

it('B6 says when a data file has lost its end', async () => {
  const whole = data(1_000);
  const { staged } = await stageAndCommit({ content: whole.subarray(0, whole.length - 5 - 20) });
  expect(staged.contentSha256).toBeNull();
});
