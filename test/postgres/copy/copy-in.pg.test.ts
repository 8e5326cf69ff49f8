import { createHash } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Session } from '../../../postgres/connection.ts';
import { copyIn } from '../../../postgres/copy/copy-in.ts';
import { digestCopy } from '../../../postgres/copy/digest-copy.ts';
import { freshDatabase, type FreshDatabase, testServer } from '../../support/postgres.ts';

let database: FreshDatabase;
let session: Session;
beforeEach(async () => {
  database = await freshDatabase(await testServer(15));
  session = await database.session();
  await session.execute('CREATE TABLE public.t (id int, word text)');
});
afterEach(async () => {
  await session.close();
  await database.drop();
});

const COPY = 'COPY public.t FROM STDIN';
const count = async (): Promise<unknown> => (await session.row('SELECT count(*) AS count FROM public.t'))['count'];

/** Rows in pieces of an odd size, so that they end in the middle of rows. */
async function* rows(many: number, size = 1000): AsyncGenerator<Buffer> {
  const all = Buffer.from(Array.from({ length: many }, (_, id) => `${id}\tword ${id}\n`).join(''));
  for (let at = 0; at < all.length; at += size) yield await Promise.resolve(all.subarray(at, at + size));
}

async function* failing(): AsyncGenerator<Buffer> {
  yield* rows(10);
  throw new Error('the content is damaged');
}

describe('copying content in', () => {
  it('gives the number of rows, whatever the pieces are cut at, and the session back', async () => {
    expect(await copyIn(session, COPY, rows(100_000))).toBe(100_000);
    expect(await count()).toBe(100_000);
    expect(await copyIn(session, COPY, rows(0))).toBe(0);
  });

  it('B8, B9 keeps nothing of content that fails, however much the server has had', async () => {
    await expect(copyIn(session, COPY, failing())).rejects.toThrow('the content is damaged');
    expect(await count()).toBe(0);
  });

  it('tells what the server has against a row, and the session goes on', async () => {
    async function* bad(): AsyncGenerator<Buffer> {
      yield Buffer.from('1\ta\nnot a number\tb\n');
      yield* rows(200_000, 1 << 16);
    }
    await expect(copyIn(session, COPY, bad())).rejects.toMatchObject({ code: 'copy_failed', detail: expect.stringContaining('not a number') as string });
    expect(await count()).toBe(0);
    await expect(copyIn(session, 'COPY public.absent FROM STDIN', rows(1))).rejects.toMatchObject({ code: 'copy_failed' });
    expect(await count()).toBe(0);
  });

  it('ends at once when it is told to', async () => {
    const stop = new AbortController();
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        yield* rows(1000);
        stop.abort(new Error('stopped'));
      }
    }
    await expect(copyIn(session, COPY, endless(), { signal: stop.signal })).rejects.toThrow('stopped');
  });
});

describe('hashing what comes out', () => {
  it('is over the text of the rows and nothing else', async () => {
    await session.execute("INSERT INTO public.t SELECT g, repeat('wide ', g % 3000) FROM generate_series(1, 2000) g; INSERT INTO public.t VALUES (-1, repeat('x', 3000000))");
    const text = (await session.rows<{ id: number; word: string }>('SELECT id, word FROM public.t')).map(({ id, word }) => `${id}\t${word}\n`).join('');
    expect(await digestCopy(session, 'COPY public.t TO STDOUT')).toEqual({ rows: 2001, bytes: text.length, sha256: createHash('sha256').update(text).digest('hex') });
    await session.execute('TRUNCATE public.t');
    expect(await digestCopy(session, 'COPY public.t TO STDOUT')).toEqual({ rows: 0, bytes: 0, sha256: createHash('sha256').digest('hex') });
  });
});
