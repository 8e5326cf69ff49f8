import { afterAll, beforeAll, expect, it } from 'vitest';

import { openAsker } from '../../../catalog/cluster/asker.ts';
import { hearAround, publishReport, publishSighting, ROUND_CHANNEL } from '../../../catalog/cluster/reports.ts';
import { NO_EPOCH } from '../../../domain/cluster/epoch.ts';
import type { AgentReport } from '../../../domain/cluster/node-facts.ts';
import { connect, type Session } from '../../../postgres/connection.ts';
import { listenTo } from '../../../postgres/listen.ts';
import { freshCatalog, type FreshCatalog } from '../fresh-catalog.ts';

let fresh: FreshCatalog;
let agent: Session;
const heard: string[] = [];
beforeAll(async () => {
  fresh = await freshCatalog();
  agent = await connect(fresh.database.server, { purpose: 'agent', database: fresh.database.name });
  await listenTo(agent, ROUND_CHANNEL, (payload) => void heard.push(payload));
});
afterAll(async () => {
  await agent.close();
  await fresh[Symbol.asyncDispose]();
});

const failed = { failed: { code: 'server_unreachable', message: 'away' } } as const;
const report = (node: string): AgentReport => ({ node, epoch: NO_EPOCH, destructiveStep: null, tombstone: false, process: { postmaster: 'gone', children: 0 }, control: failed, server: failed, walDiskFreeBytes: failed });
const say = (node: string, round: number) => publishReport(agent, { cluster: 'shop', round, report: report(node), history: { timeline: 1, ancestors: [] } });

it('HA58 dates a word by the round it was said in, on the clock of who asked, and gives no age to what is older', async () => {
  await using asker = await openAsker(fresh.catalog, 'shop');
  await say('n1', 1);
  expect((await asker.words()).reports[0]!.askedAt.clock).not.toBe(asker.now().clock);
  const before = asker.now();
  const first = await asker.ask();
  const between = asker.now();
  const second = await asker.ask();
  expect(second).toBe(first + 1);
  await say('n1', first);
  await say('n2', second);
  const { reports, histories } = await asker.words();
  const [one, two] = reports.map(({ askedAt }) => askedAt);
  expect(one).toMatchObject({ clock: before.clock });
  expect(one!.ms).toBeGreaterThanOrEqual(before.ms);
  expect(one!.ms).toBeLessThanOrEqual(between.ms);
  expect(two!.ms).toBeGreaterThanOrEqual(between.ms);
  expect(histories.get('n1')).toEqual({ timeline: 1, ancestors: [] });
});

it('tells agents the round with its number, and hears their words of this cluster only', async () => {
  await using asker = await openAsker(fresh.catalog, 'shop');
  const round = await asker.ask();
  await asker.words();
  const word = asker.heard(60_000);
  await publishReport(agent, { cluster: 'mail', round, report: report('m1'), history: null });
  await publishSighting(agent, { cluster: 'shop', observer: 'n2', machine: 'host2', round, sighting: { subject: 'n1', answer: 'refused', nameResolves: true, receiverAgeMs: null, reaches: [] } });
  await word;
  expect(heard).toContain(`shop ${round}`);
  const { sightings, machines, reports } = await asker.words();
  expect(sightings).toMatchObject([{ observer: 'n2', value: { subject: 'n1', answer: 'refused' } }]);
  expect(machines).toEqual(new Map([['n2', 'host2']]));
  expect(reports.map(({ observer }) => observer)).not.toContain('m1');
  expect(await hearAround(agent, 'shop')).toEqual({ round, speakers: expect.arrayContaining(['n2']) });
});

it('waits for all that are asked, and for as long as it is told', async () => {
  await using asker = await openAsker(fresh.catalog, 'shop');
  const before = heard.length;
  const all = asker.askAll(['n1', 'n2'], 60_000);
  await expect.poll(() => heard.length, { timeout: 60_000 }).toBeGreaterThan(before);
  const round = Number(heard.at(-1)!.split(' ')[1]);
  await say('n1', round);
  await say('n2', round);
  const { reports } = await all;
  expect(reports.filter(({ askedAt }) => askedAt.clock === asker.now().clock).map(({ observer }) => observer)).toEqual(['n1', 'n2']);
  const late = await asker.askAll(['n1', 'n9'], 50);
  expect(late.reports.map(({ observer }) => observer)).toEqual(['n1', 'n2']);
});

it('goes on after its connection was cut', async () => {
  await using asker = await openAsker(fresh.catalog, 'shop');
  const round = await asker.ask();
  await agent.execute(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pgconvoy_catalog-turn' AND datname = current_database()`);
  await expect.poll(() => asker.ask().catch(() => 0), { timeout: 60_000 }).toBeGreaterThan(round);
});
