import type { ServerAddress } from '../../domain/server.ts';
import { connect, type Session } from '../../postgres/connection.ts';
import { DATABASE } from './demo-inventory.ts';

/** What both sides must have the same of. The writers' own rows are left out: those the judge counts, one by one. */
const LOADED_ROWS: Readonly<Record<string, string>> = {
  'shop.addresses': 'SELECT * FROM shop.addresses',
  'shop.stores': 'SELECT * FROM shop.stores',
  'shop.staff': 'SELECT * FROM shop.staff',
  'shop.customers': 'SELECT * FROM shop.customers',
  'shop.actors': 'SELECT * FROM shop.actors',
  'shop.films': 'SELECT * FROM shop.films',
  'shop.film_actor': 'SELECT * FROM shop.film_actor',
  'shop.film_scripts': 'SELECT * FROM shop.film_scripts',
  // Every rental of a writer counts its film up by one: without these, the counts are the loaded ones.
  'shop.inventory': `
    SELECT inventory_id, film_id, store_id, times_rented - count(rental_id) AS times_rented
      FROM shop.inventory LEFT JOIN (SELECT * FROM shop.rentals WHERE request IS NOT NULL) AS rented USING (inventory_id)
     GROUP BY inventory_id`,
  'shop.rentals': 'SELECT * FROM shop.rentals WHERE request IS NULL',
  'shop.payments': 'SELECT payment.* FROM shop.payments AS payment JOIN shop.rentals USING (rental_id) WHERE request IS NULL',
  'shop.reviews': 'SELECT * FROM shop.reviews',
  'shop.carts': "SELECT * FROM shop.carts WHERE touched_at < '2025-01-01 00:00:00+00'",
  'reporting.sales_by_month': 'SELECT * FROM reporting.sales_by_month',
};

const OBJECTS = `
  SELECT kind || ' ' || name AS object
    FROM (
      SELECT 'relation ' || relkind::text || CASE WHEN relispopulated THEN '' ELSE ' without rows' END, oid::regclass::text, relnamespace FROM pg_catalog.pg_class
      UNION ALL SELECT 'function', oid::regprocedure::text, pronamespace FROM pg_catalog.pg_proc
      UNION ALL SELECT 'type ' || typtype::text, oid::regtype::text, typnamespace FROM pg_catalog.pg_type WHERE typrelid = 0
      UNION ALL SELECT 'constraint ' || contype::text, conrelid::regclass || ' ' || conname, connamespace FROM pg_catalog.pg_constraint
       -- PostgreSQL 18 began to keep NOT NULL here.
       WHERE contype <> 'n'
      UNION ALL SELECT 'trigger ' || tgenabled::text, tgrelid::regclass || ' ' || tgname, relnamespace
        FROM pg_catalog.pg_trigger JOIN pg_catalog.pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal
    ) AS object (kind, name, namespace)
   WHERE namespace IN ('shop'::regnamespace, 'reporting'::regnamespace)`;

/** The differences between the two shops, in words; none when both sides are equal. Also counts the rows that were compared. */
export async function compareShops(source: ServerAddress, target: ServerAddress): Promise<{ rows: number; differences: string[] }> {
  // Up to 11, more than these digits are printed differently than from 12 on.
  const options = { purpose: 'demo', database: DATABASE, settings: { extra_float_digits: '0' } };
  await using old = await connect(source, options);
  await using fresh = await connect(target, options);
  const [left, right] = await Promise.all([objectsOf(old), objectsOf(fresh)]);
  const differences = [
    ...left.filter((object) => !right.includes(object)).map((object) => `only on the source: ${object}`),
    ...right.filter((object) => !left.includes(object)).map((object) => `only on the target: ${object}`),
  ];
  let rows = 0;
  for (const [table, query] of Object.entries(LOADED_ROWS)) {
    // Reading a materialized view that was not refreshed is an error; the objects tell of it.
    if (right.some((object) => object.endsWith(`without rows ${table}`))) continue;
    const [ours, theirs] = await Promise.all([digestOf(old, query), digestOf(fresh, query)]);
    rows += ours.rows;
    if (ours.rows !== theirs.rows) differences.push(`${table}: ${ours.rows} rows on the source, ${theirs.rows} on the target`);
    else if (ours.digest !== theirs.digest) differences.push(`${table}: the rows differ`);
  }
  differences.push(...(await sequencesBehind(old, fresh)));
  return { rows, differences };
}

/** A sum of hashes is the same in whatever order the rows come. */
const digestOf = (session: Session, query: string): Promise<{ rows: number; digest: string }> =>
  session.row(`SELECT count(*) AS rows, coalesce(sum(hashtextextended(entry::text, 0)), 0)::text AS digest FROM (${query}) AS entry`);

async function objectsOf(session: Session): Promise<string[]> {
  const objects = await session.rows<{ object: string }>(OBJECTS);
  return objects.map(({ object }) => object);
}

interface SequenceState {
  readonly name: string;
  readonly value: number | null;
}

/** The writers go on after the cutover, so a sequence of the target may be ahead; behind, it would give out numbers twice. */
async function sequencesBehind(old: Session, fresh: Session): Promise<string[]> {
  const sql = "SELECT schemaname || '.' || sequencename AS name, last_value AS value FROM pg_catalog.pg_sequences WHERE schemaname IN ('shop', 'reporting')";
  const [left, right] = await Promise.all([old.rows<SequenceState>(sql), fresh.rows<SequenceState>(sql)]);
  const values = new Map(right.map(({ name, value }) => [name, value]));
  return left
    .filter(({ name, value }) => (values.get(name) ?? -Infinity) < (value ?? -Infinity) || (value === null && values.get(name) !== null))
    .map(({ name, value }) => `sequence ${name}: ${value ?? 'never called'} on the source, ${values.get(name) ?? 'never called'} on the target`);
}
