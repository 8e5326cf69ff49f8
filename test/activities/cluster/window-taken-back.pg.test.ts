import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { recoverWindow } from '../../../activities/cluster/switchover/end-window.ts';
import type { WindowOrder } from '../../../activities/cluster/switchover/window-order.ts';
import { leadWindow } from '../../../activities/cluster/switchover/window.ts';
import { claimPromotion, reserveEpoch, settleEpoch } from '../../../catalog/cluster/epochs.ts';
import { keepStep, readSteps } from '../../../catalog/cluster/steps.ts';
import type { ServerAddress } from '../../../domain/server.ts';
import { connect } from '../../../postgres/connection.ts';
import { readReceived, tryToWrite } from '../../../postgres/cluster/promotion.ts';
import { livingPostmaster, serverProcesses } from '../../../programs/cluster/server-processes.ts';
import { addStandbySignal, hasStandbySignal } from '../../../programs/cluster/standby-signal.ts';
import { startServer } from '../../../programs/cluster/start-server.ts';
import { killCluster } from '../../../programs/postgres-control.ts';
import { CLUSTER, openWindowStage, type WindowStage } from './window-stage.ts';
import { startWriters } from './window-writers.ts';

const signal = new AbortController().signal;

async function writable(server: ServerAddress): Promise<boolean> {
  await using session = await connect(server, { purpose: 'test' });
  return (await tryToWrite(session, 'test')) !== null;
}

async function rowsAt(server: ServerAddress): Promise<Set<string>> {
  await using session = await connect(server, { purpose: 'test' });
  return new Set((await session.rows<{ row: string }>(`SELECT writer || '/' || number AS row FROM public.written`)).map(({ row }) => row));
}

/** Freezes or ends processes of a server by their titles. */
async function signalProcesses(dataDir: string, title: RegExp, name: NodeJS.Signals): Promise<number[]> {
  const titled = await Promise.all(serverProcesses(dataDir).map(async ({ pid }) => (title.test(await readFile(`/proc/${pid}/cmdline`, 'utf8')) ? pid : undefined)));
  const found = titled.filter((pid) => pid !== undefined);
  for (const pid of found) process.kill(pid, name);
  return found;
}

/** A window with writers around it, and what they had acknowledged that is not there any more. */
async function passWithWriters(stage: WindowStage, given?: WindowOrder, places = [stage.primary.server, stage.candidate]) {
  const order = given ?? (await stage.order());
  await stage.streaming();
  const writers = startWriters(4, places);
  await writers.more(10);
  const result = await leadWindow(stage.deps, { agent: stage.agent, order, signal });
  Object.assign(stage.before, { draining: undefined, asked: undefined });
  stage.limits.budgetMs = 60_000;
  if (result.outcome !== 'stayed-down') await writers.more(10);
  const { acknowledged } = await writers.stop();
  const rows = await rowsAt(result.outcome === 'given-back' ? stage.primary.server : stage.candidate);
  return { order, result, lost: acknowledged.filter((row) => !rows.has(row)) };
}

describe('a window', () => {
  let stage: WindowStage;
  beforeAll(async () => {
    stage = await openWindowStage({ settings: { archive_mode: 'on', archive_command: 'sleep 600' } });
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it('HA25 gives the old primary back when the stop takes longer than the budget', async () => {
    stage.limits.budgetMs = 700;
    await using idle = await connect(stage.primary.server, { purpose: 'idle' });
    process.kill(idle.pid, 'SIGSTOP'); // a fast stop waits for it without end
    const { result, lost, order } = await passWithWriters(stage);
    expect(result).toMatchObject({ outcome: 'given-back', failedAt: 'stop-primary', reason: { code: 'switchover_reverted' } });
    expect(lost).toEqual([]);
    expect(await writable(stage.primary.server)).toBe(true);
    expect(await writable(stage.candidate)).toBe(false);
    expect(hasStandbySignal(stage.primary.cluster)).toBe(false);
    expect(stage.agent.journal.facts().window).toBeNull();
    // Given again, it is not opened a second time.
    expect(await leadWindow(stage.deps, { agent: stage.agent, order, signal })).toMatchObject({ outcome: 'given-back' });
    expect((await readSteps(stage.catalog, order.operation)).map(({ step, phase }) => `${step} ${phase}`)).toEqual(['drain intent', 'drain done', 'stop-primary intent', 'stop-primary failed']);
  });

  it('HA53 gives the old primary back when the candidate hangs and receives no more', async () => {
    stage.limits.budgetMs = 1500;
    let frozen: number[] = [];
    stage.before.draining = async () => void (frozen = await signalProcesses(stage.candidateCluster.dataDir, /walreceiver/, 'SIGSTOP'));
    const { result, lost } = await passWithWriters(stage);
    frozen.forEach((pid) => process.kill(pid, 'SIGCONT'));
    expect(frozen).toHaveLength(1);
    expect(result).toMatchObject({ outcome: 'given-back', reason: { code: 'switchover_reverted' } });
    expect(lost).toEqual([]);
  });

  it('does not open when the candidate does not stream at this moment', async () => {
    await stage.streaming();
    await using session = await connect(stage.candidate, { purpose: 'test' });
    await session.execute(`ALTER SYSTEM SET primary_conninfo = ''`);
    await session.execute('SELECT pg_reload_conf()');
    await vi.waitFor(async () => expect((await readReceived(session)).streaming).toBe(false), 20_000);
    const order = await stage.order();
    await expect(leadWindow(stage.deps, { agent: stage.agent, order, signal })).rejects.toMatchObject({ code: 'cluster_unfit' });
    expect(await readSteps(stage.catalog, order.operation)).toEqual([]);
    await session.execute('ALTER SYSTEM RESET primary_conninfo');
    await session.execute('SELECT pg_reload_conf()');
  });

  it('HA53 gives the old primary back when the candidate dies before the claim', async () => {
    stage.before.asked = () => killCluster(stage.candidateCluster);
    const { result, lost } = await passWithWriters(stage, undefined, [stage.primary.server]);
    await startServer(stage.candidateCluster, { withinMs: 60_000 });
    expect(result).toMatchObject({ outcome: 'given-back', reason: { code: 'connection_lost' } });
    expect(lost).toEqual([]);
  });

  it('gives the old primary back when its epoch was voided meanwhile, because nobody had heard of it', async () => {
    const order = await stage.order();
    stage.before.asked = () => settleEpoch(stage.catalog, CLUSTER, order);
    const { result } = await passWithWriters(stage, order);
    expect(result).toMatchObject({ outcome: 'given-back', reason: { code: 'epoch_refused' } });
    expect(await writable(stage.primary.server)).toBe(true);
  });

  /** As an agent finds it that starts after its predecessor was killed. */
  const killedInside = async () => {
    const order = await stage.order();
    await stage.primary.stop('immediate');
    await addStandbySignal(stage.primary.cluster);
    await stage.agent.journal.keep({ window: { ...order, step: 'asked' } });
    return order;
  };

  it('of an agent that was killed in it is taken back by the next one when nobody was promoted', async () => {
    await killedInside();
    await recoverWindow(stage.deps, stage.agent);
    expect(await writable(stage.primary.server)).toBe(true);
    expect(stage.agent.journal.facts().window).toBeNull();
  });

  it('HA24 is not held up by an archiver that hangs, which the end of the processes waits for', async () => {
    const { result, lost } = await passWithWriters(stage);
    expect(result).toMatchObject({ outcome: 'switched', timeline: 2 });
    expect(lost).toEqual([]);
    expect(await livingPostmaster(stage.primary.cluster.dataDir)).toBeDefined();
    expect(await signalProcesses(stage.primary.cluster.dataDir, /archiver/, 'SIGKILL')).toHaveLength(1);
  });
});

describe('a window that a later operation has overtaken', () => {
  let stage: WindowStage;
  beforeAll(async () => {
    stage = await openWindowStage();
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it('HA1 leaves the old primary down, whatever was claimed in it', async () => {
    stage.before.asked = async () => {
      const epoch = await reserveEpoch(stage.catalog, CLUSTER, 'a failover');
      expect(await claimPromotion(stage.catalog, CLUSTER, { epoch, operation: 'a failover', node: 'charlie' })).toEqual({ verdict: 'granted' });
    };
    const { result } = await passWithWriters(stage);
    expect(result).toMatchObject({ outcome: 'stayed-down', reason: { code: 'epoch_refused' } });
    expect(hasStandbySignal(stage.primary.cluster)).toBe(true);
    await vi.waitFor(async () => expect(await livingPostmaster(stage.primary.cluster.dataDir)).toBeUndefined(), 20_000);
    expect(await writable(stage.candidate)).toBe(false);
  });

  it('HA1 leaves it down when the agent is started again, though the other has claimed nothing yet', async () => {
    const order = await stage.order();
    await stage.agent.journal.keep({ window: { ...order, step: 'asked' } });
    await reserveEpoch(stage.catalog, CLUSTER, 'another failover');
    await recoverWindow(stage.deps, stage.agent);
    expect(stage.agent.journal.facts().window).toBeNull();
    expect(await livingPostmaster(stage.primary.cluster.dataDir)).toBeUndefined();
  });

  it('goes forward, started again, when its own claim stands', async () => {
    const order = await stage.order();
    await claimPromotion(stage.catalog, CLUSTER, { epoch: order.epoch, operation: order.operation, node: 'bravo' });
    await keepStep(stage.catalog, order.operation, { step: 'drain', phase: 'intent' });
    await stage.agent.journal.keep({ window: { ...order, step: 'asked' } });
    await recoverWindow(stage.deps, stage.agent);
    // Given again, it says what became of it.
    expect(await leadWindow(stage.deps, { agent: stage.agent, order, signal })).toMatchObject({ outcome: 'switched', timeline: 2 });
    expect(await writable(stage.candidate)).toBe(true);
    expect(await livingPostmaster(stage.primary.cluster.dataDir)).toBeUndefined();
  });
});
