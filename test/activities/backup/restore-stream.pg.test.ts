import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';

import type { BackupPlace } from '../../../activities/backup/open-backup.ts';
import { openNamed } from '../../../activities/backup/prove-place.ts';
import { proveWork } from '../../../activities/backup/prove-work.ts';
import { quarantineName, restoringName } from '../../../postgres/backup/restored-database.ts';
import type { ServerAddress } from '../../../domain/server.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import { fillShop } from '../../support/backup-shop.ts';
import { dropDatabase } from '../../support/drop-database.ts';
import { type DumpBed, dumpBed } from '../../support/dump-bed.ts';
import { restoreSmall } from '../../support/opened-backup.ts';
import { freshDatabase, type FreshDatabase, testServer } from '../../support/postgres.ts';
import { sameDatabases } from '../../support/same-databases.ts';
import { testClients } from '../../support/small-backup.ts';
import { uniqueName } from '../../support/unique-name.ts';

let server: ServerAddress;
let source: FreshDatabase;
const made: string[] = [];
beforeAll(async () => {
  server = await testServer(15);
  source = await freshDatabase(server);
  await using session = await source.session();
  await fillShop(session);
});
afterEach(async () => {
  for (const database of made.splice(0)) await dropDatabase(server, database);
});
afterAll(() => source.drop());

const backUp = async (bed: DumpBed): Promise<BackupPlace> => {
  const backupId = await bed.begin(source.name);
  await bed.dump(backupId);
  const { prefix, manifestSha256 } = await bed.row(backupId);
  return { backupId, prefix, store: bed.store, keys: bed.deps.keys(), manifestSha256, signed: true };
};

describe.each(['custom', 'plain'] as const)('a backup in the format %s', (format) => {
  it('is restored equal, and proven by the number of its rows', async () => {
    const stagingFolder = join(inject('runFolder'), uniqueName('staging'));
    await mkdir(stagingFolder);
    await using _ = { [Symbol.asyncDispose]: () => rm(stagingFolder, { recursive: true, force: true }) };
    await using bed = await dumpBed({ source: server, sealed: true, policy: { format }, staging: { folder: stagingFolder, limitBytes: 2 ** 26 } });
    const place = await backUp(bed);
    const database = uniqueName('restored');
    made.push(database);
    const { tables, leftOut } = await restoreSmall(place, server, { database });
    expect([tables, leftOut]).toEqual([9, ['grants and comment of the database itself, which no single stream has']]);
    const { differences } = await sameDatabases({ source: { server, database: source.name }, target: { server, database }, ignoreKinds: ['database'] });
    expect(differences).toEqual([]);
    const runId = uniqueName('run');
    expect(await proveWork({ runId, backup: place, clients: testClients, open: () => openNamed(server, runId), smoke: [], amcheck: false, lanes: 2, signal: new AbortController().signal, tell: () => undefined })).toMatchObject({ reasons: [], tables: 9 });
  });

  it('B7 is never whole when its end does not come, or is not what was written', async () => {
    await using bed = await dumpBed({ source: server, sealed: true, policy: { format } });
    const place = await backUp(bed);
    const half: ObjectStore = { ...place.store, get: (name, range, signal) => (name.endsWith('.sealed') && !name.includes('globals') ? firstPart(place.store.get(name, range, signal)) : place.store.get(name, range, signal)) };
    const runId = uniqueName('run');
    made.push(restoringName(runId), quarantineName(runId));
    const database = uniqueName('restored');
    await expect(restoreSmall({ ...place, store: half }, server, { database, runId })).rejects.toMatchObject({ code: 'backup_damaged', context: { quarantine: quarantineName(runId) } });
  });
});

async function* firstPart(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    yield piece.subarray(0, Math.ceil(piece.length / 2));
    return;
  }
}
