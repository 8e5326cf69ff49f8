import { hash } from 'node:crypto';
import { readdir } from 'node:fs/promises';

import { expect, it } from 'vitest';

import { DATA_END, MANIFEST_NAME } from '../../../domain/backup/manifest.ts';
import { connect } from '../../../postgres/connection.ts';
import { quoteIdent } from '../../../postgres/quoting.ts';
import { dumpBed } from '../../support/dump-bed.ts';
import { freshDatabase, testServer } from '../../support/postgres.ts';

const ODD_TABLES = `
  CREATE TABLE plain (id int PRIMARY KEY, note text);
  INSERT INTO plain SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE E'a line\\nand a tab\\tand \\\\. and \\\\N ' || i END FROM generate_series(1, 1000) AS i;
  CREATE TABLE nothing_in_it (id int);
  CREATE TABLE no_columns ();
  INSERT INTO no_columns DEFAULT VALUES; INSERT INTO no_columns DEFAULT VALUES; INSERT INTO no_columns DEFAULT VALUES;
  CREATE TABLE dropped_column (id int, gone text, kept text);
  INSERT INTO dropped_column SELECT i, 'x', 'y' || i FROM generate_series(1, 10) AS i;
  ALTER TABLE dropped_column DROP COLUMN gone;
  CREATE TABLE toasted (id int, body text);
  ALTER TABLE toasted ALTER body SET STORAGE EXTERNAL;
  INSERT INTO toasted SELECT i, repeat(md5(i::text), 3000) FROM generate_series(1, 60) AS i;
  CREATE TABLE numbered (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz, amount float8, raw bytea);
  INSERT INTO numbered (at, amount, raw) SELECT timestamptz '2024-03-31 01:30:00+00' + make_interval(hours => i), i / 7.0, decode(md5(i::text), 'hex') FROM generate_series(1, 100) AS i;
  CREATE TABLE parent (id int); CREATE TABLE child (extra text) INHERITS (parent);
  INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2, 'c'), (3, 'd');
  CREATE TABLE parts (id int) PARTITION BY LIST (id); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1, 2); CREATE TABLE "Parts ""2""" PARTITION OF parts DEFAULT;
  INSERT INTO parts VALUES (1), (2), (3);
  CREATE UNLOGGED TABLE unlogged (id int); INSERT INTO unlogged VALUES (1);
  SELECT lo_from_bytea(0, 'first'); SELECT lo_from_bytea(0, ''); SELECT lo_from_bytea(0, decode(repeat('00ff', 100000), 'hex'));
  CREATE MATERIALIZED VIEW seen AS SELECT count(*) FROM plain;
`;
const GENERATED = `CREATE TABLE computed (a int, twice int GENERATED ALWAYS AS (a * 2) STORED, b text); INSERT INTO computed (a, b) SELECT i, 'b' FROM generate_series(1, 20) AS i;`;

it.each([11, 15, 18])('B6 B11 what is stored of PostgreSQL %i agrees with what the server counts and sends', async (major) => {
  await using database = await freshDatabase(await testServer(major));
  await using session = await database.session();
  await session.execute(`SET search_path = public; ${ODD_TABLES} ${major >= 12 ? GENERATED : ''}`);
  await using bed = await dumpBed({ source: database.server, sealed: true });
  const backupId = await bed.begin(database.name);
  const stored = await bed.dump(backupId);
  const manifest = await bed.manifest(backupId);

  expect(manifest.source).toMatchObject({ role: 'primary', serverMajor: major, encoding: 'UTF8' });
  expect(manifest.largeObjects).toBe(3);
  expect(manifest.files.filter(({ name }) => name.startsWith('blob_'))).toHaveLength(3);
  const rows = Object.fromEntries(manifest.tables.map((table) => [table.name, table.rows]));
  expect(rows).toEqual({ plain: 1000, nothing_in_it: 0, no_columns: 3, dropped_column: 10, toasted: 60, numbered: 100, parent: 1, child: 2, parts_1: 2, 'Parts "2"': 1, unlogged: 1, ...(major >= 12 ? { computed: 20 } : {}) });
  expect(stored).toMatchObject({ backupId, tables: manifest.tables.length, rows: Object.values(rows).reduce((sum, one) => sum + one, 0) });

  for (const table of manifest.tables) {
    const content = await bed.file(backupId, table.file as string);
    expect(content.subarray(-DATA_END.length).toString()).toBe(DATA_END);
    expect(hash('sha256', content.subarray(0, -DATA_END.length)), table.name).toBe(table.contentSha256);
  }
  expect(manifest.tables.find(({ name }) => name === 'dropped_column')?.columns).toEqual(['id', 'kept']);
  if (major >= 12) expect(manifest.tables.find(({ name }) => name === 'computed')?.columns).toEqual(['a', 'b']);
  expect(await bed.row(backupId)).toMatchObject({ state: 'stored', manifestSha256: stored.manifestSha256, storedBytes: stored.storedBytes });
  expect(await readdir(bed.stagingFolder)).toEqual([]);
});

it('B11 an empty database gives a backup of no tables, because its catalog says so', async () => {
  await using database = await freshDatabase(await testServer(18));
  await using bed = await dumpBed({ source: database.server });
  const backupId = await bed.begin(database.name);
  expect(await bed.dump(backupId)).toMatchObject({ tables: 0, rows: 0 });
  expect((await bed.manifest(backupId)).files.map(({ name }) => name)).toEqual(['globals.sql', 'toc.dat']);
});

it('keeps databases apart whose names need quoting and begin with one another', async () => {
  const server = await testServer(18);
  const names = ['B ack/up', 'B ack/up"2', "B ack/up'; DROP"];
  await using bed = await dumpBed({ source: server });
  await using control = await connect(server, { purpose: 'test' });
  try {
    const prefixes: string[] = [];
    for (const [index, name] of names.entries()) {
      await control.execute(`CREATE DATABASE ${quoteIdent(name)}`);
      await using session = await connect(server, { purpose: 'test', database: name });
      await session.execute(`CREATE TABLE public.t AS SELECT generate_series(1, ${index + 1})`);
      const backupId = await bed.begin(name);
      await bed.dump(backupId);
      expect(await bed.manifest(backupId)).toMatchObject({ database: name, tables: [{ rows: index + 1 }] });
      prefixes.push((await bed.row(backupId)).prefix.split('/').slice(0, 2).join('/') + '/');
    }
    expect(new Set(prefixes).size).toBe(names.length);
    expect(prefixes.flatMap((one) => prefixes.filter((other) => other !== one && other.startsWith(one)))).toEqual([]);
  } finally {
    for (const name of names) await control.execute(`DROP DATABASE IF EXISTS ${quoteIdent(name)}`);
  }
});

it('a repeated step finds the backup it has finished, and begins no second one', async () => {
  await using database = await freshDatabase(await testServer(18));
  await using bed = await dumpBed({ source: database.server });
  const backupId = await bed.begin(database.name, 'run-1');
  expect(await bed.begin(database.name, 'run-1')).toBe(backupId);
  const first = await bed.dump(backupId);
  expect(await bed.dump(backupId)).toMatchObject({ manifestSha256: first.manifestSha256, storedBytes: first.storedBytes });
  const { prefix } = await bed.row(backupId);
  expect(await bed.store.stat(prefix + MANIFEST_NAME)).toBeDefined();
});
