import { describe, expect, it } from 'vitest';

import type { ArchiveToc, TocEntry } from '../../../domain/backup/archive-toc.ts';
import { chooseEntries } from '../../../domain/backup/choose-entries.ts';
import type { BackupManifest } from '../../../domain/backup/manifest.ts';
import { nextStep, planSteps } from '../../../domain/backup/restore-steps.ts';

const entry = (id: number, kind: string, tag: string, needs: number[], more: Partial<TocEntry> = {}): TocEntry => ({
  id, kind, tag, needs, catalog: 0, object: 0, schema: 'shop', tablespace: null, owner: null, file: null, definition: '',
  section: kind === 'TABLE DATA' ? 'data' : /INDEX|CONSTRAINT|TRIGGER|VIEW/.test(kind) ? 'post-data' : 'pre-data', ...more,
});

/** Two tables, the second larger, with keys, an index of a view that comes late, and a table whose rows lie elsewhere. */
const ENTRIES = [
  entry(1, 'SCHEMA', 'shop', [], { schema: null }),
  entry(2, 'TYPE', 'mood', [1]),
  entry(10, 'TABLE', 'customer', [1, 2]),
  entry(11, 'TABLE', 'orders', [1]),
  entry(12, 'SEQUENCE', 'orders_id_seq', [1, 11]),
  entry(20, 'TABLE DATA', 'customer', [10], { file: '20.dat' }),
  entry(21, 'TABLE DATA', 'orders', [11], { file: '21.dat' }),
  entry(22, 'SEQUENCE SET', 'orders_id_seq', [12], { section: 'data' }),
  entry(30, 'CONSTRAINT', 'customer customer_pkey', [10]),
  entry(31, 'INDEX', 'orders_day', [11]),
  entry(32, 'INDEX', 'orders_total', [11]),
  entry(33, 'FK CONSTRAINT', 'orders orders_customer_fkey', [11, 10, 30]),
  entry(34, 'VIEW', 'rich', [30, 10]),
  entry(35, 'INDEX', 'of_a_late_view', [34]),
  entry(36, 'TRIGGER', 'orders stamp', [11]),
];
const TOC: ArchiveToc = { database: 'shop', serverVersion: '15.18', clientVersion: '18.4', encoding: 'UTF8', entries: ENTRIES };
const MANIFEST = {
  files: [{ name: '20.dat', rawBytes: 10 }, { name: '21.dat', rawBytes: 1000 }],
  tables: [{ schema: 'shop', name: 'customer', file: '20.dat', columns: [], rows: 1, contentSha256: null }, { schema: 'shop', name: 'orders', file: '21.dat', columns: [], rows: 9, contentSha256: null }],
  largeObjects: 0,
} as unknown as BackupManifest;
const everything = new Set(ENTRIES.map(({ id }) => id));
const named = (steps: readonly { name: string }[]): string[] => steps.map(({ name }) => name);

describe('the steps of a restore', () => {
  const steps = planSteps(TOC, MANIFEST, everything);

  it('are the rows, and what can be built without anything else that comes after them, the heaviest first', () => {
    expect(named(steps)).toEqual([
      'fk constraint shop.orders orders_customer_fkey',
      'rows of shop.orders',
      'index shop.orders_day',
      'index shop.orders_total',
      'rows of shop.customer',
      'constraint shop.customer customer_pkey',
      'statistics of shop.customer',
      'statistics of shop.orders',
    ]);
  });

  it('collect the statistics of a partitioned table once, when all of its partitions have their rows and indexes', () => {
    const partitions = [
      entry(40, 'TABLE', 'events', [1]),
      ...[41, 42].flatMap((id) => [entry(id, 'TABLE', `events_${id}`, [1]), entry(id + 10, 'TABLE ATTACH', `events_${id}`, [id, 40]), entry(id + 20, 'TABLE DATA', `events_${id}`, [id], { file: `${id}.dat` })]),
      entry(70, 'INDEX', 'events_day', [40]),
      entry(71, 'INDEX', 'events_41_day', [41]),
      entry(72, 'INDEX ATTACH', 'events_41_day', [71, 70]),
    ];
    const manifest = { ...MANIFEST, files: [41, 42].map((id) => ({ name: `${id}.dat`, rawBytes: 5 })), tables: [41, 42].map((id) => ({ schema: 'shop', name: `events_${id}`, file: `${id}.dat`, columns: [], rows: 1, contentSha256: null })) } as unknown as BackupManifest;
    const ofEvents = planSteps({ ...TOC, entries: [...ENTRIES.slice(0, 2), ...partitions] }, manifest, new Set([1, 2, ...partitions.map(({ id }) => id)])).filter(({ work }) => work.kind === 'statistics');
    expect(named(ofEvents)).toEqual(['statistics of shop.events']);
    expect([...ofEvents[0]!.waitsFor].toSorted()).toEqual(['entry 70', 'entry 71', 'entry 72', 'rows 61', 'rows 62']);
    expect(ofEvents[0]!.tables.toSorted()).toEqual([40, 41, 42]);
  });

  it('begin when what they wait for is done, and only two indexes of one table go on at once', () => {
    const byName = (name: string) => steps.find((one) => one.name.endsWith(name))!;
    const [rowsOfOrders, rowsOfCustomer, day, total, key, foreign, ofOrders, ofCustomer] = [byName('rows of shop.orders'), byName('rows of shop.customer'), byName('orders_day'), byName('orders_total'), byName('customer_pkey'), byName('_fkey'), byName('statistics of shop.orders'), byName('statistics of shop.customer')];
    const next = (done: typeof steps, going: typeof steps): string | undefined => nextStep(steps.filter((one) => !done.includes(one) && !going.includes(one)), { done: new Set(done.map(({ id }) => id)), going })?.name;
    expect(next([], [])).toBe(rowsOfOrders.name);
    expect(next([], [rowsOfOrders])).toBe(rowsOfCustomer.name);
    expect(next([rowsOfOrders], [rowsOfCustomer])).toBe(day.name);
    expect(next([rowsOfOrders], [rowsOfCustomer, day])).toBe(total.name);
    expect(next([rowsOfOrders, rowsOfCustomer], [day, total])).toBe(key.name);
    expect(next([rowsOfOrders, rowsOfCustomer, key], [day, total])).toBe(ofCustomer.name); // the foreign key would lock orders
    expect(next([rowsOfOrders, rowsOfCustomer, key, ofCustomer], [day, total])).toBeUndefined();
    expect(next([rowsOfOrders, rowsOfCustomer, key, day, total], [])).toBe(foreign.name);
    expect(next([rowsOfOrders, rowsOfCustomer, key, day, total, ofCustomer, foreign], [])).toBe(ofOrders.name);
  });
});

describe('chosen entries', () => {
  const chosen = (schemas: string[], tables: string[]) => chooseEntries(TOC, { schemas, tables });

  it('are all when nothing is chosen', () => {
    expect(chosen([], []).ids).toEqual(everything);
  });

  it('are a table with what it needs and what belongs to it, without keys to tables that stay behind', () => {
    const { ids, leftOut } = chosen([], ['shop.orders']);
    expect([...ids].toSorted((a, b) => a - b)).toEqual([1, 11, 12, 21, 22, 31, 32, 36]);
    expect(leftOut).toEqual(['foreign key orders orders_customer_fkey of schema shop, since the table it refers to was not chosen']);
  });

  it('have a key when both of its tables are chosen', () => {
    const { ids, leftOut } = chosen([], ['shop.orders', 'shop.customer']);
    expect([ids.has(33), ids.has(2), leftOut]).toEqual([true, true, []]);
  });

  it('name what is not there', () => {
    expect(chosen(['nowhere'], ['shop.nothing']).unknown).toEqual(['schema nowhere', 'table shop.nothing']);
  });
});
