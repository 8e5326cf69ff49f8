import { expect, it } from 'vitest';

import { recordGate } from '../../catalog/gates.ts';
import { endRun, listRuns, readRun, recordPlan, recordRun } from '../../catalog/runs.ts';
import { freshCatalog } from './fresh-catalog.ts';

const RUN = { runId: 'r1', kind: 'migration', subject: 'shop', workflowId: 'migrate/shop', actor: 'ada' };

it('keeps a run from its beginning to its end, and repeats change nothing', async () => {
  await using fresh = await freshCatalog();
  const { catalog } = fresh;
  await recordRun(catalog, RUN);
  await recordRun(catalog, { ...RUN, actor: 'somebody else' });
  await recordPlan(catalog, 'r1', { value: { tables: ['a'] }, hash: 'abc' });
  await endRun(catalog, 'r1', { state: 'failed', error: { code: 'slot_lost', message: 'slot is gone' } });
  const first = await readRun(catalog, 'r1');
  await endRun(catalog, 'r1', { state: 'failed', error: { code: 'slot_lost', message: 'slot is gone' } });
  expect(await readRun(catalog, 'r1')).toEqual(first);
  expect(first).toMatchObject({ ...RUN, state: 'failed', plan: { tables: ['a'] }, planHash: 'abc', result: null, error: { code: 'slot_lost' } });
  expect(first.endedAt! > first.startedAt).toBe(true);
});

it('does not know a run that was never recorded', async () => {
  await using fresh = await freshCatalog();
  await expect(readRun(fresh.catalog, 'r9')).rejects.toMatchObject({ code: 'run_unknown' });
  await expect(endRun(fresh.catalog, 'r9', { state: 'completed' })).rejects.toMatchObject({ code: 'run_unknown' });
});

it('lists the newest runs of a kind or a subject', async () => {
  await using fresh = await freshCatalog();
  const { catalog } = fresh;
  for (const [runId, kind, subject] of [['r1', 'migration', 'shop'], ['r2', 'schema-dump', 'shop'], ['r3', 'migration', 'blog']] as const) {
    await recordRun(catalog, { ...RUN, runId, kind, subject });
  }
  const idsOf = async (filter: { kind?: string; subject?: string; limit: number }) => (await listRuns(catalog, filter)).map(({ runId }) => runId);
  expect(await idsOf({ limit: 2 })).toEqual(['r3', 'r2']);
  expect(await idsOf({ kind: 'migration', limit: 9 })).toEqual(['r3', 'r1']);
  expect(await idsOf({ subject: 'shop', limit: 9 })).toEqual(['r2', 'r1']);
});

it('keeps the evidence of each attempt at a gate, and stands at the last that passed', async () => {
  await using fresh = await freshCatalog();
  const { catalog } = fresh;
  await recordRun(catalog, RUN);
  await recordGate(catalog, { runId: 'r1', gate: 'verified', attempt: 1, state: 'passed', evidence: { rows: 5 } });
  await recordGate(catalog, { runId: 'r1', gate: 'fenced', attempt: 1, state: 'reverted', evidence: { foreignSessions: 2 } });
  await recordGate(catalog, { runId: 'r1', gate: 'fenced', attempt: 2, state: 'failed', evidence: {} });
  await recordGate(catalog, { runId: 'r1', gate: 'fenced', attempt: 2, state: 'failed', evidence: { foreignSessions: 1 } });
  expect((await readRun(catalog, 'r1')).gate).toBe('verified');
  expect(await catalog.sessions.use((session) => session.rows("SELECT gate, attempt, state, evidence FROM pgconvoy.gate WHERE run_id = 'r1' ORDER BY at"))).toEqual([
    { gate: 'verified', attempt: 1, state: 'passed', evidence: { rows: 5 } },
    { gate: 'fenced', attempt: 1, state: 'reverted', evidence: { foreignSessions: 2 } },
    { gate: 'fenced', attempt: 2, state: 'failed', evidence: { foreignSessions: 1 } },
  ]);
});
