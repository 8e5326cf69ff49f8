import { createHash } from 'node:crypto';

import type { Session } from '../connection.ts';

/** Bytes that go in one statement. */
const CHUNK = 1 << 20;

/** Writes the content of a large object that is there and empty. In the caller's transaction, which a content that fails half-way rolls back. */
export async function fillLargeObject(session: Session, oid: number, content: AsyncIterable<Buffer>): Promise<number> {
  let at = 0;
  for await (const piece of content) {
    for (let from = 0; from < piece.length; from += CHUNK) {
      const chunk = piece.subarray(from, from + CHUNK);
      await session.execute('SELECT pg_catalog.lo_put($1::oid, $2::bigint, $3::bytea)', [oid, at, chunk]);
      at += chunk.length;
    }
  }
  return at;
}

/** Hex SHA-256 of the content, which may be larger than what one value can hold; undefined when there is no such object. */
export async function digestLargeObject(session: Session, oid: number): Promise<string | undefined> {
  if ((await session.maybeRow('SELECT 1 FROM pg_catalog.pg_largeobject_metadata WHERE oid = $1::oid', [oid])) === undefined) return undefined;
  const hash = createHash('sha256');
  for (let at = 0; ; at += CHUNK) {
    const { data } = await session.row<{ data: string }>(`SELECT encode(pg_catalog.lo_get($1::oid, $2::bigint, ${CHUNK}), 'base64') AS data`, [oid, at]);
    const bytes = Buffer.from(data, 'base64');
    hash.update(bytes);
    if (bytes.length < CHUNK) return hash.digest('hex');
  }
}

export const countLargeObjects = async (session: Session): Promise<number> => (await session.row<{ count: number }>('SELECT count(*) AS count FROM pg_catalog.pg_largeobject_metadata')).count;

/** All of the session's database, a thousand in each transaction. */
export async function dropLargeObjects(session: Session): Promise<void> {
  const some = 'SELECT count(pg_catalog.lo_unlink(m.oid)) AS gone FROM (SELECT oid FROM pg_catalog.pg_largeobject_metadata LIMIT 1000) AS m';
  while ((await session.row<{ gone: number }>(some)).gone > 0);
}
