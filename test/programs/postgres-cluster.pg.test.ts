import { describe, expect, it } from 'vitest';
import { connect } from '../../postgres/connection.ts';
import { startCluster } from '../../programs/postgres-control.ts';
import { isRunning } from '../../programs/postgres-control.ts';
import { privateServer } from '../support/cluster.ts';

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
});
