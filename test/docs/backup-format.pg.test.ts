import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';

import { expect, it } from 'vitest';

import { connect } from '../../postgres/connection.ts';
import { runProgram } from '../../programs/run-program.ts';
import { newBackupKey, openBackupKey } from '../../storage/archive/key.ts';
import { openStore } from '../../storage/open-store.ts';
import { testFolder } from '../config/inventory-file.ts';
import { dropDatabase } from '../support/drop-database.ts';
import { freshDatabase, type FreshDatabase, testServer } from '../support/postgres.ts';
import { makeSmallBackup, testClients } from '../support/small-backup.ts';
import { uniqueName } from '../support/unique-name.ts';

const page = await readFile(join(import.meta.dirname, '../../docs/backup-format.md'), 'utf8');
const blocks = (language: string): string[] => [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map((found) => found[1]!);
const [unseal] = blocks('js');
const [withKey, without] = blocks('sh');

/** A database with more than one piece of rows, an empty table, a large object and names to quote. */
async function filled(): Promise<FreshDatabase> {
  const fresh = await freshDatabase(await testServer(18));
  await using session = await fresh.session();
  await session.execute('CREATE TABLE public."Big one" AS SELECT n, md5(n::text) AS text FROM generate_series(1, 200000) n');
  await session.execute('CREATE TABLE public.empty (a int PRIMARY KEY)');
  await session.execute("SELECT lo_from_bytea(0, '\\x0102')");
  return fresh;
}

/** Follows the page in a folder that has what it asks for. */
async function follow(fresh: FreshDatabase, folder: string, shell: string, restored: string): Promise<string> {
  const { server } = fresh;
  const clients = await testClients(18);
  const env = { PATH: [clients.binDir, dirname(process.execPath), process.env['PATH']].join(delimiter), PGHOST: server.host, PGPORT: String(server.port), PGUSER: server.user, PGPASSWORD: server.password?.reveal() ?? '' };
  await writeFile(join(folder, 'unseal.mjs'), unseal!);
  await runProgram({ program: '/bin/sh', args: ['-ec', shell.replaceAll('restored', restored)], env, cwd: folder });
  await using session = await connect(server, { purpose: 'test', database: restored });
  const { found } = await session.row<{ found: string }>(`SELECT concat_ws(' ', count(*), sum(n), md5(string_agg(text, '' ORDER BY n)), (SELECT count(*) FROM public.empty), (SELECT count(*) FROM pg_largeobject_metadata)) AS found FROM public."Big one"`);
  return found;
}

it.each([['encrypted and signed', true], ['neither', false]])('B41 a backup (%s) is read as the page says, without pgconvoy', async (_, sealed) => {
  await using fresh = await filled();
  const folder = testFolder();
  const restored = uniqueName('restored');
  await using _drop = { [Symbol.asyncDispose]: async () => await dropDatabase(fresh.server, restored) };
  const secret = newBackupKey();
  const { prefix } = await makeSmallBackup({ server: fresh.server, database: fresh.name }, { store: openStore({ kind: 'directory', path: join(folder, 'store') }), key: sealed ? openBackupKey(secret) : undefined });
  await mkdir(join(folder, 'work'));
  await cp(join(folder, 'store', prefix), join(folder, 'work', 'backup'), { recursive: true });
  if (sealed) await writeFile(join(folder, 'work', 'backup.key'), `${secret.reveal()}\n`);
  const found = await follow(fresh, join(folder, 'work'), sealed ? withKey! : without!, restored);
  expect(found).toMatch(/^200000 20000100000 [0-9a-f]{32} 0 1$/);
});

it('B8 the recipe of the page finds a byte that was changed', async () => {
  await using fresh = await filled();
  const folder = testFolder();
  const secret = newBackupKey();
  const { prefix, manifest } = await makeSmallBackup({ server: fresh.server, database: fresh.name }, { store: openStore({ kind: 'directory', path: join(folder, 'store') }), key: openBackupKey(secret) });
  for (const victim of [...manifest.files.map(({ object }) => object), 'manifest.json']) {
    const work = join(folder, 'work');
    await rm(work, { recursive: true, force: true });
    await cp(join(folder, 'store', prefix), join(work, 'backup'), { recursive: true });
    await writeFile(join(work, 'backup.key'), secret.reveal());
    await writeFile(join(work, 'unseal.mjs'), unseal!);
    const bytes = await readFile(join(work, 'backup', victim));
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 9) ^ 1, bytes.length - 9);
    await writeFile(join(work, 'backup', victim), bytes);
    await expect(runProgram({ program: '/bin/sh', args: ['-ec', `${process.execPath} unseal.mjs`], cwd: work })).rejects.toMatchObject({ code: 'program_failed' });
  }
});

it('B8 a damaged object costs the recipe of the page that object alone', async () => {
  await using fresh = await filled();
  const folder = testFolder();
  const secret = newBackupKey();
  const { prefix, manifest } = await makeSmallBackup({ server: fresh.server, database: fresh.name }, { store: openStore({ kind: 'directory', path: join(folder, 'store') }), key: openBackupKey(secret) });
  const work = join(folder, 'work');
  await cp(join(folder, 'store', prefix), join(work, 'backup'), { recursive: true });
  await writeFile(join(work, 'backup.key'), secret.reveal());
  await writeFile(join(work, 'unseal.mjs'), unseal!);
  const victim = manifest.files[0]!;
  await writeFile(join(work, 'backup', victim.object), Buffer.alloc(victim.bytes));
  const shell = `! ${process.execPath} unseal.mjs; find archive -name '*.zst' -exec zstd -dq --rm {} + ; cd archive; LC_ALL=C sha256sum -c SHA256SUMS 2>/dev/null || :`;
  const { stdout } = await runProgram({ program: '/bin/sh', args: ['-c', shell], cwd: work });
  expect(stdout.trim().split('\n').map((line) => line.split(': '))).toEqual(manifest.files.map(({ name }) => [name, name === victim.name ? 'FAILED open or read' : 'OK']));
});
