import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { until } from '../support/bed-wait.ts';
import { type ClusterBed, openClusterBed } from '../support/cluster-bed.ts';
import { allWell, failoverEnd, promotedNode, startClients, watcherSays, watchUntilWell, writableNodes } from '../support/failover-stage.ts';

describe('a primary that is cut off', () => {
  let bed: ClusterBed;
  beforeAll(async () => {
    bed = await openClusterBed({ network: 'namespaces', entry: { watch: { coolDown: '1s', flapLimit: { count: 100 } } } });
    await watchUntilWell(bed, 'n1');
  });
  afterAll(async () => await bed[Symbol.asyncDispose]());

  it('HA8 is not failed over while one standby alone has lost it', async () => {
    const { host } = bed.node('n1');
    await run(bed, 'n2', ['ip', 'route', 'add', 'blackhole', host]);
    try {
      const alerted = await watcherSays(bed, 'an alert', ({ finding, state }) => state === 'alert' && (finding?.alert ?? null) !== null);
      expect(alerted).toMatchObject({ state: 'alert', failovers: 0, finding: { evidence: { classification: { class: 'partition' } } } });
      expect(await writableNodes(bed)).toEqual(['n1']);
    } finally {
      await run(bed, 'n2', ['ip', 'route', 'del', 'blackhole', host]);
    }
    await watcherSays(bed, 'all to be well again', ({ state, finding }) => state === 'watching' && finding?.alert === null);
  });

  it('HA1 HA6 has stopped itself before another takes writes, although a session on its own machine writes on', async () => {
    await allWell(bed, 'n1');
    await using clients = await startClients(bed, 2);
    await clients.more(50);
    const inside = insideWriter(bed, 'n1');
    await until('the session inside to write', () => Promise.resolve(inside.written() > 5));
    await bed.cut('n1', 'packets');
    const { promoted } = await promotedNode(bed);
    const promotedAt = performance.now();
    await until('the session inside to be ended', () => Promise.resolve(inside.ended() !== undefined));
    expect(inside.ended()!).toBeLessThan(promotedAt);
    expect(promoted).toMatchObject({ proof: 'lease-over' });
    await clients.more(50);
    const report = await clients.report();
    expect(report.writable).toMatchObject({ exactlyOne: true });
    await bed.heal('n1');
    const { node } = (await failoverEnd(bed)).promoted!;
    await until('n1 to stream from the new primary', async () => {
      await using session = await bed.session(node);
      return (await session.row<{ count: number }>(`SELECT count(*)::int AS count FROM pg_stat_replication WHERE state = 'streaming'`)).count === 2;
    });
    expect(await writableNodes(bed)).toEqual([node]);
  });
});

const run = async (bed: ClusterBed, node: string, words: readonly string[]): Promise<void> => {
  const [program = '', ...args] = bed.network.on(node, words);
  await execa(program, args);
};

/** psql on the machine of the node: it inserts until its session ends; times are of the last acknowledged row. */
function insideWriter(bed: ClusterBed, node: string): { written(): number; ended(): number | undefined } {
  const { binDir, port } = bed.node(node);
  const sql = 'CREATE TABLE IF NOT EXISTS public.inside (at timestamptz);\n' + `INSERT INTO public.inside SELECT clock_timestamp() RETURNING 'row';\n\\watch 0.05\n`;
  const [program = '', ...args] = bed.network.on(node, [`${binDir}/psql`, '-XAtq', `host=127.0.0.1 port=${port} user=postgres dbname=app`]);
  let rows = 0;
  let end: number | undefined;
  const child = execa(program, args, { input: sql, env: { PGPASSWORD: bed.passwords.superuser.reveal() }, reject: false, buffer: false });
  child.stdout?.on('data', (chunk: Buffer) => (rows += String(chunk).split('row').length - 1));
  void child.then(() => (end = performance.now()));
  return { written: () => rows, ended: () => end };
}
