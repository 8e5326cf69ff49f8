import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { connect } from '../../postgres/connection.ts';
import { isRunning, startCluster } from '../../programs/postgres-control.ts';
import { makeCertificates } from '../support/certificates.ts';
import { makeCluster, privateServer } from '../support/cluster.ts';

describe.each([11, 18])('a PostgreSQL %i cluster', (major) => {
  it('keeps what was committed through kill -9 and restart', async () => {
    await using server = await privateServer(major);
    {
      await using session = await connect(server.server, { purpose: 'test' });
      expect(session.major).toBe(major);
      await session.execute('CREATE TABLE public.kept AS SELECT 1 AS one');
    }
    await server.kill();
    expect(await isRunning(server.cluster)).toBe(false);
    await server.start();
    await server.restart();
    await using session = await connect(server.server, { purpose: 'test' });
    expect(await session.rows('SELECT one FROM public.kept')).toEqual([{ one: 1 }]);
  });

  it('says which port is taken instead of starting on it', async () => {
    await using first = await privateServer(major);
    await using second = await privateServer(major);
    await second.stop('immediate');
    await expect(startCluster({ ...second.cluster, port: first.cluster.port })).rejects.toMatchObject({ code: 'port_in_use' });
  });

  it('shows the end of its log when it does not start', async () => {
    await expect(privateServer(major, { settings: { shared_buffers: 'much' } })).rejects.toMatchObject({
      code: 'program_failed',
      detail: expect.stringContaining('shared_buffers') as string,
    });
  });

  it('offers TLS that a client can verify to the full', async () => {
    const { ca, cert, key } = await makeCertificates();
    await using server = await privateServer(major, { tls: { cert, key, ca } });
    await using session = await connect({ ...server.server, tls: { mode: 'verify-full', ca } }, { purpose: 'test' });
    expect(await session.row('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).toEqual({ ssl: true });

    const other = await makeCertificates();
    const wrong = connect({ ...server.server, tls: { mode: 'verify-full', ca: other.ca } }, { purpose: 'test' });
    await expect(wrong).rejects.toMatchObject({ code: 'tls_failed' });
  });
});

it('a folder that holds something is refused and left as it is', async () => {
  const folder = join(inject('runFolder'), 'occupied');
  await mkdir(join(folder, 'data'), { recursive: true });
  await writeFile(join(folder, 'data', 'precious'), '');
  await expect(makeCluster({ name: 'occupied', major: 18, folder })).rejects.toMatchObject({ code: 'target_not_empty' });
  expect(await readdir(join(folder, 'data'))).toEqual(['precious']);
});

it('has a Unix socket only where it was given a folder', async () => {
  await using without = await privateServer(18);
  const socketDir = join(inject('runFolder'), 'sockets');
  await using server = await privateServer(18, { socketDir });
  expect(await readdir(socketDir)).toContain(`.s.PGSQL.${server.server.port}`);
  await using session = await connect(without.server, { purpose: 'test' });
  expect(await session.row('SHOW unix_socket_directories')).toEqual({ unix_socket_directories: '' });
});

it('settings reach the server whatever characters they have', async () => {
  const odd = "it's 100% \\ \"odd\"";
  await using server = await privateServer(18, { settings: { cluster_name: odd } });
  await using session = await connect(server.server, { purpose: 'test' });
  expect(await session.row('SHOW cluster_name')).toEqual({ cluster_name: odd });
});
