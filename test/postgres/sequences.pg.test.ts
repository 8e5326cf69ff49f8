import { expect, it } from 'vitest';

import { changedSequences, listSequences, readSequences, writeSequences } from '../../postgres/sequences.ts';
import { freshDatabase, testServer } from '../support/postgres.ts';

const SEQUENCES = `
  CREATE SEQUENCE public.never_called START 42;
  CREATE SEQUENCE public.called;
  CREATE SEQUENCE public."set, not called" MINVALUE -9223372036854775808;
  CREATE SEQUENCE public."big One";
  CREATE TABLE public.parent (id int GENERATED ALWAYS AS IDENTITY) PARTITION BY RANGE (id)`;
const CALLS = `
  SELECT nextval('public.called'), nextval('public.called'), setval('public."set, not called"', -7, false), setval('public."big One"', 9223372036854775807)`;
const EVERYTHING = { excludeSchemas: [], excludeTables: [] };

it.each([11, 15, 18])('F21 the state of every sequence of %i goes over: called, set and not called, never touched', async (major) => {
  await using from = await freshDatabase(await testServer(major));
  await using to = await freshDatabase(await testServer(18));
  await using source = await from.session();
  await using target = await to.session();
  for (const session of [source, target]) await session.execute(SEQUENCES);
  await source.execute(CALLS);
  const names = await listSequences(source, EVERYTHING);
  const states = await readSequences(source, names);
  expect(states.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
    { schema: 'public', name: 'big One', lastValue: '9223372036854775807', isCalled: true },
    { schema: 'public', name: 'called', lastValue: '2', isCalled: true },
    { schema: 'public', name: 'never_called', lastValue: '42', isCalled: false },
    { schema: 'public', name: 'parent_id_seq', lastValue: '1', isCalled: false },
    { schema: 'public', name: 'set, not called', lastValue: '-7', isCalled: false },
  ]);
  expect(changedSequences(states, await readSequences(target, names))).toHaveLength(3);
  await writeSequences(target, states);
  expect(changedSequences(states, await readSequences(target, names))).toEqual([]);
});
