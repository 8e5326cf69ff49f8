import { expect, it } from 'vitest';

import { keepWell, readLastServing, readMarks, readWell } from '../../../catalog/cluster/last-known.ts';
import { publishReport, publishSighting, wordsOf } from '../../../catalog/cluster/reports.ts';
import { recordCluster } from '../../../catalog/cluster/nodes.ts';
import { FAILED, history, primaryServer, report, server, sighting } from '../../domain/cluster/builders.ts';
import { freshCatalog } from '../fresh-catalog.ts';

const word = (round: number, rest: Parameters<typeof report>[1]) => ({ cluster: 'shop', round, report: report('alfa', rest), history: history(round) });

it('keeps the last report of a primary when its server does not answer any more', async () => {
  await using fresh = await freshCatalog();
  await recordCluster(fresh.catalog, 'shop', '7311');
  await fresh.catalog.sessions.use(async (session) => {
    expect(await readLastServing(session, 'shop', 'alfa')).toBeNull();
    await publishReport(session, word(1, { server: { ok: server() } }));
    expect(await readLastServing(session, 'shop', 'alfa')).toBeNull();
    await publishReport(session, word(2, { server: { ok: primaryServer() } }));
    await publishReport(session, word(3, { server: FAILED }));
    expect(await readLastServing(session, 'shop', 'alfa')).toMatchObject({ report: { server: { ok: { inRecovery: false, writeLsn: '0/3000000' } } }, history: { timeline: 2 } });
  });
  expect((await wordsOf(fresh.catalog, 'shop')).reports).toMatchObject([{ round: 3, report: { server: FAILED }, history: { timeline: 3 } }]);
});

it('marks every word of an agent, its reports and what it sees of others', async () => {
  await using fresh = await freshCatalog();
  await recordCluster(fresh.catalog, 'shop', '7311');
  await fresh.catalog.sessions.use(async (session) => {
    await publishReport(session, word(1, {}));
    const first = await readMarks(session, 'shop');
    expect(await readMarks(session, 'shop')).toEqual(first);
    await publishSighting(session, { cluster: 'shop', observer: 'alfa', machine: 'm', round: 1, sighting: sighting({ subject: 'bravo' }) });
    const second = await readMarks(session, 'shop');
    expect(Object.keys(second)).toEqual(['alfa']);
    expect(second['alfa']).not.toBe(first['alfa']);
    await publishReport(session, word(1, {}));
    expect((await readMarks(session, 'shop'))['alfa']).not.toBe(second['alfa']);
  });
});

it('keeps when all was seen well', async () => {
  await using fresh = await freshCatalog();
  expect(await readWell(fresh.catalog, 'shop')).toBeUndefined();
  await fresh.catalog.sessions.use((session) => keepWell(session, 'shop', { primary: 'alfa', redundant: true }));
  await fresh.catalog.sessions.use((session) => keepWell(session, 'shop', { primary: 'alfa', redundant: false }));
  const well = await readWell(fresh.catalog, 'shop');
  expect(well).toMatchObject({ primary: 'alfa', redundant: false });
  expect(well!.ageMs).toBeGreaterThanOrEqual(0);
});
