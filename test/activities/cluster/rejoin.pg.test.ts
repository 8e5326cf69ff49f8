import { existsSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { clone } from '../../../activities/cluster/clone/clone-node.ts';
import { detach, follow } from '../../../activities/cluster/follow.ts';
import { initialize } from '../../../activities/cluster/init-node.ts';
import { gatherRejoin } from '../../../activities/cluster/rejoin/facts.ts';
import { rewindAndStart } from '../../../activities/cluster/rejoin/rewind-node.ts';
import { fence, startAs, stopOnPurpose } from '../../../activities/cluster/start-stop.ts';
import type { NodeAgent } from '../../../agent/node-agent.ts';
import { judgeRejoin, type RejoinVerdict } from '../../../domain/cluster/rejoin/verdict.ts';
import { readReception } from '../../../postgres/cluster/upstream.ts';
import { runProgram } from '../../../programs/run-program.ts';
import { type BareNodes, bareNodes } from '../../support/bare-nodes.ts';
import { until } from '../../support/bed-wait.ts';

const never = new AbortController().signal;

describe('the way back of a node', () => {
  let bed: BareNodes;
  beforeAll(async () => {
    bed = await bareNodes({ names: ['n1', 'n2', 'n3'] });
    await initialize(bed.node('n1').agent, bed.order('init'), never);
    await clone(bed.node('n2').agent, { ...bed.order(), source: 'n1', upstream: 'n1' }, never);
    await clone(bed.node('n3').agent, { ...bed.order(), source: 'n1', upstream: 'n1' }, never);
    await write('n1', 'first');
  });
  afterAll(async () => await bed[Symbol.asyncDispose]());

  async function write(node: string, word: string): Promise<void> {
    await using session = await bed.node(node).session();
    await session.execute('CREATE TABLE IF NOT EXISTS public.said (word text)');
    await session.execute('INSERT INTO public.said VALUES ($1)', [word]);
  }
  async function words(node: string): Promise<string[]> {
    await using session = await bed.node(node).session();
    return (await session.rows<{ word: string }>('SELECT word FROM public.said ORDER BY 1')).map(({ word }) => word);
  }
  async function promote(node: string): Promise<void> {
    await using session = await bed.node(node).session();
    await session.execute('SELECT pg_promote(true)');
  }
  async function has(node: string, word: string): Promise<void> {
    await until(`${node} to have ${word}`, async () => (await words(node)).includes(word));
  }
  const judge = async (node: string, primary: string, operation = 'look'): Promise<RejoinVerdict> => judgeRejoin(await gatherRejoin(bed.node(node).agent, bed.order(operation), primary));
  const agent = (node: string): NodeAgent => bed.node(node).agent;

  it('HA5 HA14 HA17 HA20 rewinds a primary that wrote on alone: its own configuration stays, and what is thrown away is kept', async () => {
    await has('n2', 'first');
    await detach(agent('n2'), never);
    await write('n1', 'only on n1');
    await has('n3', 'only on n1');
    await fence(agent('n1'), bed.order());
    const { server } = bed.node('n1');
    await writeFile(join(server.dataDir, 'local.conf'), "application_name = 'kept'\n", { mode: 0o644 });
    await appendFile(join(server.dataDir, 'postgresql.conf'), "include 'local.conf'\n");
    await promote('n2');
    await write('n2', 'after');

    expect(await judge('n1', 'n2')).toMatchObject({ action: 'rewind', relation: { relation: 'ahead' } });
    const { evidence, history } = await rewindAndStart(agent('n1'), { ...bed.order('rewind1'), primary: 'n2' }, never);

    expect(history).toMatchObject({ timeline: 2 });
    await has('n1', 'after');
    expect(await words('n1')).toEqual(['after', 'first']);
    await using session = await bed.node('n1').session();
    expect(await session.row('SHOW port')).toEqual({ port: String(server.port) });
    expect(await readFile(join(server.dataDir, 'local.conf'), 'utf8')).toContain('kept');
    expect(await readFile(join(evidence!, 'commits.txt'), 'utf8')).toMatch(/desc: COMMIT/);
    expect(JSON.parse(await readFile(join(evidence!, 'summary.json'), 'utf8'))).toMatchObject({ node: 'n1', commits: 1, segments: { left: 0 } });
    expect(agent('n1').journal.facts()).toMatchObject({ destructiveStep: null });
    // The answer of the step was lost: it is asked for again.
    expect((await rewindAndStart(agent('n1'), { ...bed.order('rewind1'), primary: 'n2' }, never)).evidence).toBe(evidence);
  });

  it('HA37 does not let a standby follow that has more than the new primary, and rewinds it', async () => {
    await expect(follow(agent('n3'), 'n2', never)).rejects.toMatchObject({ code: 'cluster_unfit', context: { rule: 'forked-before-its-position' } });
    await stopOnPurpose(agent('n3'), 'fast', 30_000);
    expect(await judge('n3', 'n2')).toMatchObject({ action: 'rewind', relation: { relation: 'ahead' } });
    await rewindAndStart(agent('n3'), { ...bed.order(), primary: 'n2' }, never);
    await has('n3', 'after');
    expect(await words('n3')).toEqual(['after', 'first']);
  });

  it('starts a primary that was stopped cleanly without a rewind', async () => {
    await stopOnPurpose(agent('n2'), 'fast', 30_000);
    await promote('n1');
    await write('n1', 'third');
    expect(await judge('n2', 'n1')).toMatchObject({ action: 'start', relation: { relation: 'clean' } });
    const { evidence } = await rewindAndStart(agent('n2'), { ...bed.order(), primary: 'n1' }, never);
    expect(evidence).toBeNull();
    await has('n2', 'third');
    await follow(agent('n3'), 'n1', never);
  });

  it('starts a standby that was killed and is behind', async () => {
    await fence(agent('n3'), bed.order());
    await write('n1', 'fourth');
    expect(await judge('n3', 'n1')).toMatchObject({ action: 'start', relation: { relation: 'behind' } });
    await rewindAndStart(agent('n3'), { ...bed.order(), primary: 'n1' }, never);
    await has('n3', 'fourth');
  });

  it('HA44 points a primary that becomes a standby again at the new one, and at no leftover', async () => {
    const text = await readFile(join(bed.node('n2').server.dataDir, 'postgresql.auto.conf'), 'utf8');
    expect(text.match(/^primary_conninfo/gm)).toHaveLength(1);
    expect(text).toContain(String(bed.node('n1').server.port));
    await using session = await bed.node('n2').session();
    expect((await readReception(session)).receiver).toMatchObject({ port: bed.node('n1').server.port });
  });

  it('HA21 never starts a node whose rewind broke half-way, and clones it', async () => {
    await detach(agent('n2'), never);
    await write('n1', 'given up');
    await has('n3', 'given up');
    await fence(agent('n1'), bed.order());
    await promote('n2');
    const broken = new AbortController();
    const { journal } = agent('n1');
    const dying: NodeAgent = { ...agent('n1'), journal: { ...journal, keep: async (change) => { await journal.keep(change); if (change.rewriteEnded === false) broken.abort(); } } };
    await expect(rewindAndStart(dying, { ...bed.order('broken'), primary: 'n2' }, broken.signal)).rejects.toMatchObject({ code: 'interrupted' });
    await expect(rewindAndStart(agent('n1'), { ...bed.order('broken'), primary: 'n2' }, never)).rejects.toMatchObject({ code: 'rewind_impossible', context: { rule: 'rewind-interrupted' } });
    await expect(startAs(agent('n1'), { ...bed.order(), as: 'standby', upstream: 'n2' }, never)).rejects.toMatchObject({ code: 'cluster_unfit' });

    const { movedAside } = await clone(agent('n1'), { ...bed.order('broken'), source: 'n2', upstream: 'n2', replace: true }, never);
    expect(existsSync(join(movedAside!, 'PG_VERSION'))).toBe(true);
    expect(await words('n1')).toEqual(['after', 'first', 'fourth', 'third']);
    expect(agent('n1').journal.facts()).toMatchObject({ destructiveStep: null });
  });

  it('HA15 clones one of two that were promoted to the same timeline, which a rewind would take for the same', async () => {
    await promote('n3');
    await write('n3', 'another line');
    await stopOnPurpose(agent('n3'), 'fast', 30_000);
    expect(await judge('n3', 'n2')).toMatchObject({ action: 'clone', relation: { relation: 'same-timeline-other-fork' } });
    await expect(rewindAndStart(agent('n3'), { ...bed.order(), primary: 'n2' }, never)).rejects.toMatchObject({ code: 'rewind_impossible' });
    await clone(agent('n3'), { ...bed.order(), source: 'n1', upstream: 'n2', replace: true }, never);
    expect(await words('n3')).not.toContain('another line');
  });
});

describe('a node without hints and without checksums', () => {
  it('HA18 is not rewound', async () => {
    await using bed = await bareNodes({ entry: { settings: { wal_log_hints: false } } });
    const [first, second] = [bed.node('n1'), bed.node('n2')];
    await initialize(first.agent, bed.order('init'), never);
    await stopOnPurpose(first.agent, 'fast', 30_000);
    await runProgram({ program: join(first.server.installation.binDir, 'pg_checksums'), args: ['--disable', `--pgdata=${first.server.dataDir}`], account: first.server.account });
    await startAs(first.agent, { ...bed.order(), as: 'primary' }, never);
    await clone(second.agent, { ...bed.order(), source: 'n1', upstream: 'n1' }, never);
    await detach(second.agent, never);
    await using session = await first.session();
    await session.execute('CREATE TABLE public.alone ()');
    await fence(first.agent, bed.order());
    await using promoting = await second.session();
    await promoting.execute('SELECT pg_promote(true)');
    await expect(rewindAndStart(first.agent, { ...bed.order(), primary: 'n2' }, never)).rejects.toMatchObject({ code: 'rewind_impossible', context: { rule: 'no-hints-no-checksums' } });
  });
});
