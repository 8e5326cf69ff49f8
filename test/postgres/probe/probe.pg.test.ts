import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { reportProbe, type ProbeReport } from '../../../domain/cluster/drill/probe-report.ts';
import { parseRecord, type ProbeRecord, type RecordLine } from '../../../domain/cluster/drill/record.ts';
import { connect } from '../../../postgres/connection.ts';
import { cleanProbeRows, findProbeRows } from '../../../postgres/probe/found-rows.ts';
import { DEFAULT_LIMITS, type ProbeRoute } from '../../../postgres/probe/probe-route.ts';
import { runProbe } from '../../../postgres/probe/run-probe.ts';
import { freePort } from '../../../programs/ports.ts';
import { until } from '../../support/bed-wait.ts';
import { privateServer, type PrivateServer } from '../../support/cluster.ts';
import { uniqueName } from '../../support/unique-name.ts';

/** A probe under way, and what the disk has of it. */
function begin(route: ProbeRoute, rate = 200) {
  const stop = new AbortController();
  const lines: RecordLine[] = [];
  const run = uniqueName('run');
  const ledger = join(inject('runFolder'), `${run}.ledger`);
  const ended = runProbe({ run, route, writers: 4, readers: 1, rate, ledger, signal: stop.signal, flushed: (more) => lines.push(...more) });
  const count = (letter: string): number => lines.filter(([one]) => one === letter).length;
  return {
    run, lines, count,
    more: (letter: string, many: number) => until(`${many} more of ${letter}`, () => Promise.resolve(count(letter) >= many)),
    end: async (): Promise<ProbeRecord> => {
      stop.abort();
      await ended;
      return parseRecord(await readFile(ledger, 'utf8'));
    },
  };
}

describe('the probe', () => {
  let server: PrivateServer;
  let route: ProbeRoute;
  beforeAll(async () => {
    server = await privateServer(15);
    const { host, port, user, password } = server.server;
    route = { hosts: [{ host, port: await freePort() }, { host, port }], user, password: password!, database: 'postgres', tls: { mode: 'disable' }, limits: DEFAULT_LIMITS };
  });
  afterAll(async () => await server[Symbol.asyncDispose]());

  it('finds every acknowledged write, past a host that is dead', async () => {
    const probe = begin(route);
    await probe.more('A', 100);
    await probe.more('r', 3);
    const record = await probe.end();
    const report = reportProbe(record, await findProbeRows(route, probe.run));
    expect(report.ledger).toMatchObject({ lost: [], duplicates: [], strangers: [], ambiguous: 0, addsUp: true });
    expect(report.ledger.acked).toBeGreaterThanOrEqual(100);
    expect(report.writable).toMatchObject({ exactlyOne: true });
    expect(report.served).toMatchObject([{ node: `127.0.0.1:${server.server.port}`, timeline: 1 }]);
    expect(report.writes.max).toBeGreaterThan(0);
    expect(record.span.toMs).toBeGreaterThan(record.span.fromMs);
  });

  it('finds exactly the writes that were taken away behind its back', async () => {
    const probe = begin(route);
    await probe.more('A', 60);
    const record = await probe.end();
    await using session = await connect(server.server, { purpose: 'test' });
    const gone = await session.rows<{ writer: string; seq: number }>(`DELETE FROM pgconvoy_probe.write WHERE run = $1 AND seq IN (2, 5) RETURNING writer, seq`, [probe.run]);
    await session.execute(`INSERT INTO pgconvoy_probe.write (run, writer, seq, timeline, node) SELECT run, writer, seq, timeline, node FROM pgconvoy_probe.write WHERE run = $1 AND writer = 'w1' AND seq = 1`, [probe.run]);
    const { ledger } = reportProbe(record, await findProbeRows(route, probe.run));
    expect(gone).toHaveLength(8);
    expect(new Set(ledger.lost.map(({ writer, seq }) => `${writer} ${seq}`))).toEqual(new Set(gone.map(({ writer, seq }) => `${writer} ${seq}`)));
    expect(ledger.duplicates).toEqual([{ writer: 'w1', seq: 1 }]);
  });

  it('HA30 takes a wait for a standby that was cancelled for ambiguous', async () => {
    await using session = await connect(server.server, { purpose: 'test' });
    const probe = begin(route);
    await probe.more('A', 10);
    await session.execute(`ALTER SYSTEM SET synchronous_standby_names = 'nobody'`);
    await session.execute('SELECT pg_reload_conf()');
    await until('a cancelled wait', async () => {
      await session.execute(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`);
      return probe.count('W') >= 2;
    });
    await session.execute('ALTER SYSTEM RESET synchronous_standby_names');
    await session.execute('SELECT pg_reload_conf()');
    const acked = probe.count('A');
    await probe.more('A', acked + 10);
    const record = await probe.end();
    const { ledger, codes } = reportProbe(record, await findProbeRows(route, probe.run));
    expect(codes['warning']).toBeGreaterThanOrEqual(2);
    expect(ledger).toMatchObject({ lost: [], addsUp: true, refused: 0 });
    expect(ledger.ambiguous).toBeGreaterThanOrEqual(2);
    expect(ledger.ambiguousCommitted).toBe(ledger.ambiguous);
  });

  it('tells a broken write from a refused one, counts the gap, and goes on by itself', async () => {
    const probe = begin(route);
    await probe.more('A', 40);
    await server.kill();
    await until('every writer to notice', () => Promise.resolve(new Set(probe.lines.flatMap((line) => (line[0] === 'B' ? [line[1]] : []))).size === 4));
    await server.start();
    const acked = probe.count('A');
    await probe.more('A', acked + 40);
    const record = await probe.end();
    const report: ProbeReport = reportProbe(record, await findProbeRows(route, probe.run));
    expect(report.ledger).toMatchObject({ lost: [], addsUp: true });
    expect(report.ledger.ambiguous).toBeGreaterThanOrEqual(4);
    expect(report.clientErrors).toBe(report.ledger.ambiguous + report.ledger.refused);
    expect(report.writes.overallMs).toBeGreaterThan(0);
    expect(report.writes.max).toBeGreaterThanOrEqual(report.writes.overallMs);
    await cleanProbeRows(route, null);
    await using session = await connect(server.server, { purpose: 'test' });
    expect((await session.row<{ there: boolean }>(`SELECT to_regnamespace('pgconvoy_probe') IS NOT NULL AS there`)).there).toBe(false);
  });
});
