import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, expect, inject, it } from 'vitest';

import { DumpTelling } from '../../../activities/backup/dump-telling.ts';
import { dumpBed } from '../../support/dump-bed.ts';
import { freshDatabase, testServer } from '../../support/postgres.ts';
import { smallDisk } from '../../support/small-disk.ts';
import { uniqueName } from '../../support/unique-name.ts';

const MB = 2 ** 20;
/** Twice the disk, and half of it stays when it is compressed: some blocks. */
const BIG = "CREATE TABLE public.big AS SELECT i AS id, (SELECT string_agg(md5((i * 8 + j)::text), '') FROM generate_series(1, 8) AS j) AS body FROM generate_series(1, 200000) AS i";

const disk = await smallDisk(join(inject('runFolder'), uniqueName('small-disk')), 24);
afterAll(async () => await disk?.[Symbol.asyncDispose]());

if (disk === undefined) {
  it('B19 a full staging disk is NOT tried on this machine, which lets this account mount nothing', () => {
    expect(disk).toBeUndefined();
  });
} else {
  it('B19 a real staging disk that is full, or becomes full under way, ends the dump with the reason; with room, the next attempt makes the backup', async () => {
    await using database = await freshDatabase(await testServer(18));
    await using session = await database.session();
    await session.execute(BIG);
    const folder = join(disk.folder, 'staging');
    await using bed = await dumpBed({ source: database.server, staging: { folder, limitBytes: 12 * MB } });
    const backupId = await bed.begin(database.name);
    const full = { code: 'staging_full', message: expect.stringContaining(folder) as string };

    disk.fillUp(MB);
    await expect(bed.dump(backupId)).rejects.toMatchObject(full);
    expect(readdirSync(folder)).toEqual([]);
    disk.empty();

    // What is given back of the dump's own files is taken as well.
    const telling = new DumpTelling();
    const taking = setInterval(() => telling.facts().rawBytes > 0 && disk.fillUp(0), 1);
    await expect(bed.dump(backupId, undefined, telling)).rejects.toMatchObject(full);
    clearInterval(taking);
    expect(readdirSync(folder)).toEqual([]);
    disk.empty();

    expect(await bed.dump(backupId)).toMatchObject({ rows: 200_000 });
    expect((await bed.manifest(backupId)).tables).toMatchObject([{ name: 'big', rows: 200_000 }]);
    expect(readdirSync(folder)).toEqual([]);
  });
}
