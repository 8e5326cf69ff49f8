import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';

import type { AgentFacts } from '../../agent/agent-journal.ts';
import { shieldUnfinished } from '../../agent/shield-unfinished.ts';

const facts = (destructiveStep: string | null): AgentFacts => ({ epoch: null, destructiveStep, rewriteEnded: false, selfFencedAt: null, window: null });

function node(destructiveStep: string | null) {
  const dataDir = mkdtempSync(join(inject('runFolder'), 'shield-'));
  const server = { name: 'n1', dataDir, port: 1, logFile: `${dataDir}.log`, installation: { major: 18, version: '18.4', binDir: '/', programs: [] } };
  return { dataDir, agent: { journal: { facts: () => facts(destructiveStep), keep: async () => undefined }, server: async () => server } };
}

it('HA21 a data directory that a rewind left half written does not come up as a primary', async () => {
  const { dataDir, agent } = node('rejoin-1');
  writeFileSync(join(dataDir, 'PG_VERSION'), '18\n');
  expect(await shieldUnfinished(agent)).toBe('rejoin-1');
  expect(existsSync(join(dataDir, 'standby.signal'))).toBe(true);
  expect(await shieldUnfinished(agent)).toBeNull();
});

it('what was never begun, or is not there yet, is left alone', async () => {
  const well = node(null);
  writeFileSync(join(well.dataDir, 'PG_VERSION'), '18\n');
  const empty = node('clone-1');
  expect([await shieldUnfinished(well.agent), await shieldUnfinished(empty.agent)]).toEqual([null, null]);
  expect([well, empty].map(({ dataDir }) => existsSync(join(dataDir, 'standby.signal')))).toEqual([false, false]);
});
