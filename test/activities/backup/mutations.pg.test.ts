import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { checkStored } from '../../../activities/backup/check-stored.ts';
import type { BackupPlace } from '../../../activities/backup/open-backup.ts';
import { OperationError } from '../../../domain/errors.ts';
import type { ServerAddress } from '../../../domain/server.ts';
import { type BackupKey, newBackupKey, openBackupKey } from '../../../storage/archive/key.ts';
import { directoryStore } from '../../../storage/directory-store.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import { fillShop } from '../../support/backup-shop.ts';
import { type Changed, MUTATIONS, type Objects, type Patient } from '../../support/mutations/mutate.ts';
import { placeOfSmall } from '../../support/opened-backup.ts';
import { freshDatabase, type FreshDatabase, testServer } from '../../support/postgres.ts';
import { makeSmallBackup, type SmallBackup } from '../../support/small-backup.ts';

const ROUNDS = Object.keys(MUTATIONS).length * 9;
const SEED = Number(process.env['MUTATION_SEED'] ?? Date.now() % 1e6);

let server: ServerAddress;
let folder: string;
let store: ObjectStore;
let source: FreshDatabase;

beforeAll(async () => {
  server = await testServer(15);
  folder = await mkdtemp(join(tmpdir(), 'pgconvoy-store-'));
  store = directoryStore(folder);
  source = await freshDatabase(server);
  await using session = await source.session();
  await fillShop(session);
  await session.execute("CREATE TABLE other.long (t text); INSERT INTO other.long SELECT repeat(md5((g / 50)::text), 40) FROM generate_series(1, 7500) g");
});
afterAll(async () => {
  await source.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Numbers that are the same for the same seed (mulberry32). */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

async function read(backup: SmallBackup): Promise<Objects> {
  const objects = new Map<string, Buffer>();
  for await (const { name } of store.list(backup.prefix)) objects.set(name.slice(backup.prefix.length), await readFile(join(folder, name)));
  return objects;
}

async function write(prefix: string, changed: Changed): Promise<void> {
  for (const [name, bytes] of changed) {
    const path = join(folder, prefix, name);
    await mkdir(dirname(path), { recursive: true });
    await (bytes === undefined ? rm(path, { force: true }) : writeFile(path, bytes));
  }
}

/** What is found when the backup is read; a key that the inventory has not is a finding too. */
async function findings(place: BackupPlace): Promise<readonly string[]> {
  try {
    return (await checkStored({ ...place, lanes: 2, signal: new AbortController().signal })).reasons;
  } catch (error) {
    if (error instanceof OperationError && error.code === 'backup_key_missing') return [error.message];
    throw error;
  }
}

const WAYS: readonly { readonly name: string; readonly key: BackupKey | undefined; readonly catalogKnows: boolean }[] = [
  { name: 'sealed and signed, of which the catalog has lost everything but its key', key: openBackupKey(newBackupKey()), catalogKnows: false },
  { name: 'neither sealed nor signed, of which the catalog knows the hash of the manifest', key: undefined, catalogKnows: true },
];

describe.each(WAYS)('a backup that is $name', ({ key, catalogKnows }) => {
  it(`B4, B5, B7, B8, B9, B39 each of ${ROUNDS} mutations is found by reading it, and the untouched one passes (seed ${SEED})`, async () => {
    const id = key === undefined ? '5' : '6';
    const backup = await makeSmallBackup({ server, database: source.name }, { store, key, backupId: `20261120T0${id}0000Z-0123abcd` });
    await using session = await source.session();
    await session.execute("INSERT INTO other.twin SELECT min(id) - 1, 'later' FROM other.twin; DELETE FROM shop.visits WHERE place LIKE '%9' AND random() < 0.5; UPDATE shop.customer SET name = name || '.'; INSERT INTO other.long VALUES ('x'); INSERT INTO other.triplet SELECT min(id) - 1, 'later' FROM other.triplet");
    const later = await makeSmallBackup({ server, database: source.name }, { store, key, backupId: `20261120T0${id}3000Z-0123abcd` });
    const place: BackupPlace = { ...placeOfSmall(store, backup, key), ...(catalogKnows ? {} : { manifestSha256: null }) };
    const [objects, other] = [await read(backup), await read(later)];
    expect(await findings(place)).toEqual([]);
    const patient: Patient = { objects, other, manifest: backup.manifest, random: numbersFrom(SEED) };
    const kinds = Object.entries(MUTATIONS);
    const missed: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const [kind, mutate] = kinds[round % kinds.length]!;
      const changed = await mutate(patient);
      await write(backup.prefix, changed);
      if ((await findings(place)).length === 0) missed.push(`round ${round}: ${kind} (${[...changed.keys()].join(', ')})`);
      await write(backup.prefix, new Map([...changed.keys()].map((name) => [name, objects.get(name)])));
    }
    expect(missed).toEqual([]);
    expect(await findings(place)).toEqual([]);
  }, 300_000);
});
