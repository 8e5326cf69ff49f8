import { expect, it } from 'vitest';

import { copyLargeObjects, dropNewLargeObjects } from '../../postgres/large-objects.ts';
import { recordWhatWasHere } from '../../postgres/object-inventory.ts';
import { ensureTargetSchema } from '../../postgres/run-schema.ts';
import { freshDatabase, testServer } from '../support/postgres.ts';

const CHUNK = 1 << 18;

it('F29 large objects go over whole, whatever their length, and a second attempt begins anew', async () => {
  await using source = await freshDatabase(await testServer(15));
  await using target = await freshDatabase(await testServer(18));
  await using from = await source.session();
  await using to = await target.session();
  const lengths = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7, ...Array.from({ length: 40 }, () => 5)];
  for (const length of lengths) await from.execute(`SELECT lo_from_bytea(0, decode(repeat('0f', ${length}), 'hex'))`);
  await to.execute("SELECT lo_from_bytea(4711, 'was here before')");
  await ensureTargetSchema(to, 'lo');
  await recordWhatWasHere(to, 'lo');
  await to.execute("SELECT lo_from_bytea(4712, 'of an attempt that was cut short')");

  await dropNewLargeObjects(to, 'lo');
  const seen: number[] = [];
  const copied = await copyLargeObjects(from, to, { owners: true, privileges: true, roles: {} }, (objects) => seen.push(objects));

  expect(copied).toEqual({ objects: lengths.length, bytes: lengths.reduce((sum, length) => sum + length, 0) });
  expect(seen.at(-1)).toBe(lengths.length);
  const digests = 'SELECT oid, md5(lo_get(oid)) AS digest FROM pg_largeobject_metadata WHERE oid <> 4711 ORDER BY oid';
  expect(await to.rows(digests)).toEqual(await from.rows(digests));
  expect(await to.row("SELECT encode(lo_get(4711), 'escape') AS text")).toEqual({ text: 'was here before' });
});
