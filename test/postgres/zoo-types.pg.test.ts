import { expect, it } from 'vitest';

import { connect } from '../../postgres/connection.ts';
import { privateServer } from '../support/cluster.ts';
import { fillZoo } from '../zoo/zoo.ts';

/** Of which no value can be written down: of the planner and of statistics, and what 12 took away and dumps cannot carry over. */
const NO_VALUES = ['pg_node_tree', 'pg_ndistinct', 'pg_dependencies', 'pg_mcv_list', 'pg_brin_bloom_summary', 'pg_brin_minmax_multi_summary', 'gtsvector', 'abstime', 'reltime', 'tinterval', 'smgr'];

it.each([11, 15])('F12 every built-in type of %i has a column in the zoo', async (major) => {
  await using server = await privateServer(major, { settings: { fsync: false } });
  await using session = await connect(server.server, { purpose: 'test' });
  await fillZoo(session, { largeObjects: false, roles: true });
  const missing = await session.rows<{ name: string }>(
    `SELECT t.typname::text AS name FROM pg_type t
      WHERE t.oid < 16384 AND t.typtype IN ('b', 'r', 'm') AND t.typnamespace = 'pg_catalog'::regnamespace AND NOT (t.typelem <> 0 AND t.typlen = -1)
        AND NOT t.typname = ANY ($1)
        AND NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.atttypid = t.oid AND c.oid >= 16384 AND c.relkind = 'r' AND a.attnum > 0)
      ORDER BY 1`,
    [NO_VALUES],
  );
  expect(missing.map(({ name }) => name)).toEqual([]);
});
