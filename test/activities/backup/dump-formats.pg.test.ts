import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { WHOLE_CLUSTER } from '../../../domain/backup/whole-cluster.ts';
import { connect } from '../../../postgres/connection.ts';
import { programPath } from '../../../programs/postgres-installations.ts';
import { runProgram } from '../../../programs/run-program.ts';
import { privateServer } from '../../support/cluster.ts';
import { dumpBed } from '../../support/dump-bed.ts';
import { freshDatabase, testServer } from '../../support/postgres.ts';
import { testClients } from '../../support/small-backup.ts';

it.each(['custom', 'plain'] as const)('the format %s is one file that the standard programs restore, with its tables counted', async (format) => {
  await using database = await freshDatabase(await testServer(15));
  await using session = await database.session();
  await session.execute('CREATE TABLE public.t AS SELECT generate_series(1, 500) AS id');
  await using bed = await dumpBed({ source: database.server, sealed: true, policy: { format } });
  const backupId = await bed.begin(database.name);
  expect(await bed.dump(backupId)).toMatchObject({ tables: 1, rows: 500 });
  const manifest = await bed.manifest(backupId);
  expect(manifest.archive).toEqual({ format, compression: 'zstd', jobs: 1 });
  expect(manifest.tables).toMatchObject([{ name: 't', rows: 500, file: null, contentSha256: null }]);

  await using restored = await freshDatabase(await testServer(18));
  const folder = await mkdtemp(join(tmpdir(), 'pgconvoy-format-'));
  await using _ = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
  const { name } = manifest.files.find(({ kind }) => kind === 'archive')!;
  const file = join(folder, name);
  await writeFile(file, await bed.file(backupId, name));
  const { host, port, user, password } = restored.server;
  const env = { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password?.reveal() ?? '', PGDATABASE: restored.name };
  const clients = await testClients(18);
  await runProgram(format === 'custom' ? { program: programPath(clients, 'pg_restore'), args: ['--exit-on-error', '--dbname', restored.name, file], env } : { program: programPath(clients, 'psql'), args: ['--no-psqlrc', '--set=ON_ERROR_STOP=1', '--file', file], env });
  await using other = await restored.session();
  expect(await other.row('SELECT count(*) AS rows FROM public.t')).toEqual({ rows: 500 });
});

it('B17 the format cluster holds every database and the roles; their verifiers only when it is sealed', async () => {
  await using server = await privateServer(15);
  await using session = await connect(server.server, { purpose: 'test' });
  await session.execute(`CREATE ROLE app LOGIN PASSWORD 'x'`);
  await session.execute('CREATE DATABASE second');
  for (const sealed of [true, false]) {
    await using bed = await dumpBed({ source: server.server, sealed, policy: { format: 'cluster' } });
    const backupId = await bed.begin(WHOLE_CLUSTER);
    expect(await bed.dump(backupId)).toMatchObject({ tables: 0 });
    const sql = (await bed.file(backupId, 'cluster.sql')).toString();
    expect(sql).toMatch(/CREATE DATABASE second/);
    expect(sql).toMatch(/CREATE ROLE app/);
    expect(sql.includes('SCRAM-SHA-256')).toBe(sealed);
  }
});
