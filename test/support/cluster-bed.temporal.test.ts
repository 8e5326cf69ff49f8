import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import { execa } from 'execa';
import { describe, expect, it } from 'vitest';

import { listNodes } from '../../catalog/cluster/nodes.ts';
import { until } from './bed-wait.ts';
import { openClusterBed, type ClusterBed } from './cluster-bed.ts';

const streaming = async (bed: ClusterBed): Promise<number> => {
  await using session = await bed.session('n1');
  return (await session.row<{ count: number }>(`SELECT count(*)::int AS count FROM pg_stat_replication WHERE state = 'streaming'`)).count;
};

/** What a client on the machine of a node gets from the server of another: rows, or nothing within a second. */
async function ask(bed: ClusterBed, from: string, to: string): Promise<string> {
  const { binDir, host, port } = bed.node(to);
  const [program = '', ...args] = bed.network.on(from, ['timeout', '2', `${binDir}/psql`, '-XAtc', 'SELECT 1', `host=${host} port=${port} user=postgres dbname=postgres connect_timeout=2`]);
  const { stdout } = await execa(program, args, { env: { PGPASSWORD: bed.passwords.superuser.reveal() }, reject: false });
  return stdout.trim();
}

describe('the bed of clusters', () => {
  it('has a primary and two standbys that stream from it, on ports of loopback', async () => {
    await using bed = await openClusterBed({ agents: false, worker: false });
    await until('both standbys to stream', async () => (await streaming(bed)) === 2);
    expect((await listNodes(bed.catalog, bed.cluster)).map(({ declaration }) => `${declaration.name} ${declaration.role}`)).toEqual(['n1 primary', 'n2 standby', 'n3 standby']);
    await bed.freeze('n2');
    await bed.thaw('n2');
    await bed.kill('n1', 'tree');
    await expect(bed.session('n1')).rejects.toThrow(/could not connect/);
    await expect(bed.cut('n1')).rejects.toThrow(/cannot be cut off/);
  });

  it('cuts a node off from the others and heals it, by link and by dropped packets, and leaves nothing', async () => {
    const bed = await openClusterBed({ network: 'namespaces', nodes: 2, agents: false, worker: false });
    try {
      await until('the standby to stream', async () => (await streaming(bed)) === 1);
      for (const by of ['link', 'packets'] as const) {
        expect(await ask(bed, 'n2', 'n1')).toBe('1');
        await bed.cut('n1', by);
        expect(await ask(bed, 'n2', 'n1')).toBe('');
        expect(await ask(bed, 'n1', 'n1')).toBe('1');
        await bed.heal('n1');
        await until('the way back', async () => (await ask(bed, 'n2', 'n1')) === '1');
      }
    } finally {
      await bed[Symbol.asyncDispose]();
    }
    const left = await Promise.all([execa('ip', ['netns', 'list']), execa('ip', ['-o', 'link', 'show'])]);
    expect(left.flatMap(({ stdout }) => stdout.split('\n')).filter((line) => line.includes(`pgcv${process.pid}`))).toEqual([]);
    for (const { dataDir } of bed.nodes) expect(existsSync(dataDir)).toBe(false);
    await expect(readFile(bed.inventory)).rejects.toThrow(/ENOENT/);
  });
});
