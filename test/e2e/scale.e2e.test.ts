import { afterAll, beforeAll, expect, it } from 'vitest';

import { migrationWorkflowId } from '../../workflows/messages.ts';
import { connect } from '../../postgres/connection.ts';
import { openFenced, openRoad, type Road } from '../zoo/road.ts';

/** As many as fit into a run of all tests; `PGCONVOY_TEST_TABLES=20000` for what is promised. */
const TABLES = Number(process.env['PGCONVOY_TEST_TABLES'] ?? 2000);
const ROWS = 3;
const DATABASE = 'many';
/** Of the issue. */
const EVENTS = 5000;
const PAYLOAD = 256 * 1024;
const MINUTES = 60_000;

let road: Road;
beforeAll(async () => {
  // As preflight demands: pg_dump locks every table at once, and so does the beginning of a subscription.
  const settings = { max_locks_per_transaction: 400 };
  road = await openRoad({ from: 15, source: { settings }, target: { settings } });
  await using maintenance = await connect(road.source.server, { purpose: 'test' });
  await maintenance.execute(`CREATE DATABASE ${DATABASE}`);
  await using session = await connect(road.source.server, { purpose: 'test', database: DATABASE });
  // In transactions of 500: each table holds locks until the commit, and the lock table is finite.
  for (let from = 1; from <= TABLES; from += 500) {
    await session.execute(`DO $$ BEGIN FOR n IN ${from}..${Math.min(from + 499, TABLES)} LOOP
      EXECUTE format('CREATE TABLE public.t%s (id integer PRIMARY KEY, v text, at timestamptz DEFAULT now()); INSERT INTO public.t%s SELECT i, md5(i::text) FROM generate_series(1, ${ROWS}) AS i', n, n);
    END LOOP; END $$`);
  }
}, 10 * MINUTES);
afterAll(() => road[Symbol.asyncDispose]());

interface Fields {
  readonly [name: string]: unknown;
}

/** The bytes of every payload in an event, wherever in it they are. */
function payloadsOf(value: unknown): number[] {
  if (value === null || typeof value !== 'object') return [];
  const fields = value as Fields;
  if (fields['data'] instanceof Uint8Array) return [fields['data'].length];
  return Object.values(fields).flatMap(payloadsOf);
}

it.each(['online', 'offline'])(
  `${TABLES} tables migrate %s with a short history and small payloads`,
  async (mode) => {
    const result = await road.migrate({ database: DATABASE, entry: { mode, targetDatabase: `${DATABASE}_${mode}` }, patienceMs: 15 * MINUTES });
    expect(result.proof).toMatchObject({ state: 'equal', tables: TABLES, rows: TABLES * ROWS });
    const seconds = result.progress.phases.map(({ phase, startedAt, endedAt }) => `${phase} ${((endedAt ?? 0) - (startedAt ?? 0)) / 1000} s`);
    const { events } = await road.client.workflow.getHandle(migrationWorkflowId(result.migration)).fetchHistory();
    const largest = Math.max(...(events ?? []).flatMap(payloadsOf));
    console.log(`${TABLES} tables ${mode}: ${events?.length} events, largest payload ${largest} bytes, window ${result.windowMs} ms; ${seconds.join(', ')}`);
    expect(events?.length).toBeLessThan(EVENTS);
    expect(largest).toBeLessThan(PAYLOAD);
    await openFenced(road.source.server, DATABASE);
  },
  20 * MINUTES,
);
