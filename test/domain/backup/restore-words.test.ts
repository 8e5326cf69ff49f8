import { expect, it } from 'vitest';

import { readToc } from '../../../domain/backup/archive-toc.ts';
import { isExpected } from '../../../domain/backup/smoke.ts';
import { subscriptionFor } from '../../../domain/backup/subscription-statement.ts';

it.each([
  [5, '5', true],
  [12.5, '12.50', true],
  [5, '6', false],
  [0, '', false],
  [true, 't', true],
  [true, 'f', false],
  ['name 1', 'name 1', true],
  ['name 1', 'name 2', false],
  ['null', null, true],
  [0, null, false],
])('a query that has to give %o and gives %o: %o', (expect_, answer, fine) => {
  expect(isExpected(expect_, answer)).toBe(fine);
});

it('B59 a subscription keeps only the options that the server knows', () => {
  const newest = "CREATE SUBSCRIPTION s CONNECTION 'host=a WITH (b)' PUBLICATION p WITH (connect = false, slot_name = 's', streaming = on, run_as_owner = false, failover = false);\n";
  expect(subscriptionFor(newest, 11)).toBe("CREATE SUBSCRIPTION s CONNECTION 'host=a WITH (b)' PUBLICATION p WITH (connect = false, slot_name = 's');\n");
  expect(subscriptionFor(newest, 15)).toContain("slot_name = 's', streaming = on);");
  expect(subscriptionFor(newest, 18)).toBe(newest);
});

it('B4 a table of contents that ends too early, or is none, is damaged', () => {
  expect(() => readToc(Buffer.from('PGDMP'))).toThrow(expect.objectContaining({ code: 'backup_damaged' }));
  expect(() => readToc(Buffer.from('something else'))).toThrow(expect.objectContaining({ code: 'backup_damaged' }));
  expect(() => readToc(Buffer.from([...Buffer.from('PGDMP'), 1, 99, 0, 4, 8, 3]))).toThrow(expect.objectContaining({ detail: expect.stringContaining('1.99') as string }));
});
