import { expect, it } from 'vitest';

import { pointEntry } from '../../domain/pgbouncer-config.ts';

const GOAL = { host: 'new.example', port: 5433, database: 'shop' };

const INI = `; the application's pool
[databases]
shop = host=old.example port=5432 dbname='shop' pool_size=20 connect_query='SELECT 1'
; shop = host=commented
shop_old = host=old.example
"odd ""name""" = host=old.example
* = host=elsewhere

[pgbouncer]
shop = 1
listen_port = 6432
`;

it('points the entry at the goal, keeps its other settings, and touches no other line', () => {
  const lines = pointEntry(INI, 'shop', GOAL)?.split('\n') ?? [];
  const before = INI.split('\n');
  expect(lines[2]).toBe("shop = host='new.example' port=5433 dbname='shop' pool_size=20 connect_query='SELECT 1'");
  expect(lines.filter((line, index) => line !== before[index])).toHaveLength(1);
});

it('gives the same when it is done again', () => {
  const once = pointEntry(INI, 'shop', GOAL) ?? '';
  expect(pointEntry(once, 'shop', GOAL)).toBe(once);
});

it('knows quoted names, files without sections, and values with quotes', () => {
  expect(pointEntry(INI, 'odd "name"', GOAL)).toContain(`"odd ""name""" = host='new.example' port=5433`);
  expect(pointEntry('shop=host=a', 'shop', { ...GOAL, database: "o'hara" })).toBe("shop=host='new.example' port=5433 dbname='o''hara'");
});

it('says when there is no such entry', () => {
  expect(pointEntry(INI, 'missing', GOAL)).toBeUndefined();
  expect(pointEntry('[pgbouncer]\nshop = 1', 'shop', GOAL)).toBeUndefined();
});
