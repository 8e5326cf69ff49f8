import { expect, it } from 'vitest';

import { firstNamedEntry, selectEntries, selectLateEntries, splitSchemas } from '../../domain/archive-list.ts';

const LIST = `;
; Archive created
339; 1259 34333 TABLE zoo tree postgres
10; 1259 400 INDEX zoo built_by_us postgres
11; 1259 401 INDEX zoo of_a_parent postgres
12; 2606 500 CONSTRAINT zoo tree tree_pkey postgres
13; 2606 501 FK CONSTRAINT zoo keyed leaf_only postgres
5014; 0 0 COMMENT zoo CONSTRAINT leaf_only ON keyed postgres
5015; 0 0 COMMENT zoo TABLE tree postgres
5016; 0 0 COMMENT - EXTENSION hstore
4374; 3466 34438 EVENT TRIGGER - note_definitions postgres
5041; 0 0 COMMENT - EVENT TRIGGER note_definitions postgres`;

const names = (list: string): string[] => list.split('\n').filter((line) => /^\d/.test(line)).map((line) => line.split(';')[0]!);

it('F22 what we build ourselves is left out, and what may only come behind it', () => {
  const left = selectEntries(LIST, { indexes: new Set([400]), constraints: new Set([500, 501]), extensionComments: true });
  expect(names(left)).toEqual(['339', '11', '5015']);
});

it('F22 comments on constraints and event triggers come late', () => {
  expect(names(selectLateEntries(LIST))).toEqual(['5014', '4374', '5041']);
});

it('leaves nothing out by its name, and keeps the lines that are no entries', () => {
  const table = '7; 1259 400 TABLE shop INDEX odd postgres';
  const nothing = { indexes: new Set([400]), constraints: new Set<number>(), extensionComments: false };
  expect(selectEntries(`; Archive\n${table}`, nothing)).toBe(`; Archive\n${table}`);
});

it('finds the first entry that can be looked for in another database', () => {
  expect(firstNamedEntry(LIST)).toEqual({ catalog: 1259, object: 34333 });
  expect(firstNamedEntry(selectLateEntries(LIST))).toEqual({ catalog: 3466, object: 34438 });
  expect(firstNamedEntry('; none\n5016; 0 0 COMMENT - EXTENSION hstore')).toBeUndefined();
});

it('F33 schemas come with their grants and comments, the rest without', () => {
  const list = '1; 2615 2200 SCHEMA - shop owner\n2; 1259 7 TABLE shop film owner\n3; 0 0 ACL - SCHEMA shop owner\n4; 0 0 COMMENT - SCHEMA shop owner\n5; 0 0 ACL shop TABLE film owner';
  const { schemas, rest } = splitSchemas(list);
  expect(names(schemas)).toEqual(['1', '3', '4']);
  expect(names(rest)).toEqual(['2', '5']);
});

it('F33 what names a role that is mapped is left out, and nothing that is called alike', () => {
  const list = `20; 3256 600 POLICY zoo secrets own postgres
21; 3256 601 POLICY zoo secrets strict postgres
22; 0 0 USER MAPPING - USER MAPPING zoo_owner SERVER elsewhere postgres
23; 0 0 USER MAPPING - USER MAPPING zoo_owner2 SERVER elsewhere postgres
24; 0 0 COMMENT zoo POLICY own ON secrets postgres`;
  const roleBound = { policies: new Set([600]), userMappings: [{ role: 'zoo_owner', foreignServer: 'elsewhere' }] };
  expect(names(selectEntries(list, { indexes: new Set(), constraints: new Set(), extensionComments: false, roleBound }))).toEqual(['21', '23', '24']);
});
