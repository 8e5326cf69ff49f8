import { describe, expect, it } from 'vitest';

import { leadWindow } from '../../../activities/cluster/switchover/window.ts';
import { listClaims } from '../../../catalog/cluster/epochs.ts';
import { pgbouncerProgram } from '../../../config/program-folders.ts';
import type { ServerAddress } from '../../../domain/server.ts';
import { connect } from '../../../postgres/connection.ts';
import { hasStandbySignal } from '../../../programs/cluster/standby-signal.ts';
import { openWindowStage, type WindowStage } from './window-stage.ts';
import { startWriters } from './window-writers.ts';

const signal = new AbortController().signal;

async function rowsAt(server: ServerAddress): Promise<string[]> {
  await using session = await connect(server, { purpose: 'test' });
  return (await session.rows<{ row: string }>(`SELECT writer || '/' || number AS row FROM public.written`)).map(({ row }) => row);
}

const missing = async (server: ServerAddress, acknowledged: readonly string[]): Promise<string[]> => {
  const there = new Set(await rowsAt(server));
  return acknowledged.filter((row) => !there.has(row));
};

const pass = async (stage: WindowStage) => await leadWindow(stage.deps, { agent: stage.agent, order: await stage.order(), signal });

describe('the write-blocked window', () => {
  it.skipIf(pgbouncerProgram() === undefined)('leads writers behind a pooler to the candidate without an error and without losing a row', async () => {
    await using stage = await openWindowStage({ pooler: true });
    const writers = startWriters(8, [stage.pooler!]);
    await writers.more(20);
    const result = await pass(stage);
    await writers.more(20);
    const report = await writers.stop();
    expect(result).toMatchObject({ outcome: 'switched', timeline: 2, finishedBy: 'window' });
    expect(report.errors).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(await missing(stage.candidate, report.acknowledged)).toEqual([]);
    expect(hasStandbySignal(stage.primary.cluster)).toBe(true);
    expect((await listClaims(stage.catalog, 'shop')).map(({ node }) => node)).toEqual(['bravo']);
  });

  it('leads writers that know both nodes, with one broken statement for each connection at most', async () => {
    await using stage = await openWindowStage();
    const writers = startWriters(8, [stage.primary.server, stage.candidate]);
    await writers.more(20);
    const result = await pass(stage);
    await writers.more(20);
    const report = await writers.stop();
    expect(result).toMatchObject({ outcome: 'switched', timeline: 2 });
    expect(Math.max(...report.errors)).toBeLessThanOrEqual(1);
    expect(await missing(stage.candidate, report.acknowledged)).toEqual([]);
  });
});
