import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { clone } from '../../../activities/cluster/clone/clone-node.ts';
import { detach, fetch, follow } from '../../../activities/cluster/follow.ts';
import { initialize } from '../../../activities/cluster/init-node.ts';
import { keepSynchronousNames, tidySlots } from '../../../activities/cluster/primary-steps.ts';
import { fence, startAs, stopOnPurpose } from '../../../activities/cluster/start-stop.ts';
import { slotNameOf } from '../../../domain/cluster/slots.ts';
import { readReception } from '../../../postgres/cluster/upstream.ts';
import { readControlData } from '../../../programs/cluster/control-data.ts';
import { serverProcesses } from '../../../programs/cluster/server-processes.ts';
import { type BareNodes, bareNodes } from '../../support/bare-nodes.ts';

const never = new AbortController().signal;

describe('steps on nodes', () => {
  let bed: BareNodes;
  beforeAll(async () => {
    bed = await bareNodes({ names: ['n1', 'n2', 'n3'] });
    await initialize(bed.node('n1').agent, bed.order('init'), never);
  });
  afterAll(async () => await bed[Symbol.asyncDispose]());

  const primary = () => bed.node('n1');
  const write = async (text: string): Promise<void> => {
    await using session = await primary().session();
    await session.execute('CREATE TABLE IF NOT EXISTS public.said (word text)');
    await session.execute('INSERT INTO public.said VALUES ($1)', [text]);
  };

  it('makes a first primary with checksums and hints, and does nothing when it is asked again', async () => {
    const before = await readControlData(primary().server);
    await initialize(primary().agent, bed.order('init'), never);
    const after = await readControlData(primary().server);
    expect(after).toMatchObject({ systemIdentifier: before.systemIdentifier, dataChecksums: true, walLogHints: true, state: 'in production' });
    await expect(initialize(primary().agent, bed.order('another'), never)).rejects.toMatchObject({ code: 'target_not_empty' });
  });

  it('clones a standby that streams, and finds nothing to do the second time', async () => {
    await write('before the clone');
    const order = { ...bed.order('clone2'), source: 'n1', upstream: 'n1' };
    const { bytes, movedAside } = await clone(bed.node('n2').agent, order, never);
    expect(bytes).toBeGreaterThan(10_000_000);
    expect(movedAside).toBeNull();
    await using standby = await bed.node('n2').session();
    const started = await standby.row('SELECT pg_postmaster_start_time() AS at');
    await clone(bed.node('n2').agent, order, never);
    expect(await standby.row('SELECT pg_postmaster_start_time() AS at')).toEqual(started);
    expect(await standby.rows('SELECT word FROM public.said')).toEqual([{ word: 'before the clone' }]);
  });

  it('clones a standby from a standby, to follow the primary', async () => {
    await clone(bed.node('n3').agent, { ...bed.order('clone3'), source: 'n2', upstream: 'n1' }, never);
    await using session = await primary().session();
    expect(await session.rows('SELECT application_name AS name FROM pg_stat_replication ORDER BY 1')).toEqual([{ name: 'n2' }, { name: 'n3' }]);
  });

  it('has a standby follow another, and come back', async () => {
    await follow(bed.node('n3').agent, 'n2', never);
    await using second = await bed.node('n2').session();
    expect(await second.rows('SELECT application_name AS name, state FROM pg_stat_replication')).toEqual([{ name: 'n3', state: 'streaming' }]);
    expect((await follow(bed.node('n3').agent, 'n2', never)).action).toBe('nothing-to-do');
  });

  it('HA39 refuses to follow a node that gets its log from it', async () => {
    await expect(follow(bed.node('n2').agent, 'n3', never)).rejects.toMatchObject({ code: 'cluster_unfit', context: { rule: 'would-loop' } });
    await follow(bed.node('n3').agent, 'n1', never);
  });

  it('HA41 drops the slot that nobody uses any more, and keeps those that are planned', async () => {
    expect(await tidySlots(bed.node('n2').agent, [], [])).toEqual({ created: [], dropped: [slotNameOf('n3')], alert: [] });
    expect(await tidySlots(primary().agent, [slotNameOf('n2'), slotNameOf('n3')], [])).toEqual({ created: [], dropped: [], alert: [] });
  });

  it('HA2 detaches a receiver, and is sure that it is gone', async () => {
    await detach(bed.node('n2').agent, never);
    await write('while detached');
    await using standby = await bed.node('n2').session();
    expect(await readReception(standby)).toMatchObject({ receiver: null });
    expect(await standby.rows('SELECT word FROM public.said')).toHaveLength(1);
  });

  it('HA35 fetches the log it lacks from the standby that has it', async () => {
    await using ahead = await bed.node('n3').session();
    const { positionLsn } = await readReception(ahead);
    await fetch(bed.node('n2').agent, { from: bed.node('n3').agent.self(), toLsn: positionLsn! }, never);
    await using standby = await bed.node('n2').session();
    expect(await readReception(standby)).toMatchObject({ receiver: null });
    expect(await standby.rows('SELECT word FROM public.said')).toHaveLength(2);
    await follow(bed.node('n2').agent, 'n1', never);
  });

  it('HA36 knows its place when it was restarted while detached', async () => {
    await detach(bed.node('n2').agent, never);
    await stopOnPurpose(bed.node('n2').agent, 'fast', 30_000);
    await startAs(bed.node('n2').agent, { ...bed.order(), as: 'standby', upstream: 'n1' }, never);
    await using standby = await bed.node('n2').session();
    expect((await readReception(standby)).positionLsn).not.toBeNull();
  });

  it('HA31 has the synchronous names in force when the step ends, and takes them back', async () => {
    await keepSynchronousNames(primary().agent, { method: 'any', count: 1, names: ['n2', 'n3'] }, never);
    await using session = await primary().session();
    expect(await session.row('SHOW synchronous_standby_names')).toEqual({ synchronous_standby_names: 'ANY 1 ("n2", "n3")' });
    await keepSynchronousNames(primary().agent, null, never);
    expect(await session.row('SHOW synchronous_standby_names')).toEqual({ synchronous_standby_names: '' });
  });

  it('HA4 HA5 fences a primary: no process is left, and it comes up read-only', async () => {
    const report = await fence(primary().agent, bed.order());
    expect(report).toEqual({ epoch: 1, processesLeft: 0, tombstone: true });
    expect(serverProcesses(primary().server.dataDir)).toEqual([]);
    await startAs(primary().agent, { ...bed.order(), as: 'primary' }, never);
    await write('after the fence was lifted');
  });
});
