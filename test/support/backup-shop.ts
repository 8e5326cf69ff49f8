import type { Session } from '../../postgres/connection.ts';

/** A small database with something of everything that a restore treats in a way of its own. */
export async function fillShop(session: Session): Promise<void> {
  await session.execute(`
    CREATE SCHEMA shop; CREATE SCHEMA other; CREATE SCHEMA "Odd ""schema";
    CREATE TYPE shop.mood AS ENUM ('good', 'bad');
    CREATE FUNCTION shop.twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';
    CREATE TABLE shop.customer (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, mood shop.mood, note text UNIQUE);
    CREATE TABLE shop.orders (id bigserial PRIMARY KEY, customer int NOT NULL REFERENCES shop.customer, total numeric CHECK (total >= 0), day date NOT NULL);
    CREATE INDEX ON shop.orders (customer); CREATE INDEX ON shop.orders (shop.twice(customer));
    CREATE TABLE shop.visits (day date NOT NULL, place text, PRIMARY KEY (day, place)) PARTITION BY RANGE (day);
    CREATE TABLE shop.visits_1 PARTITION OF shop.visits FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
    CREATE TABLE shop.visits_2 PARTITION OF shop.visits FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
    CREATE TABLE other."Wide ""table" (a float8, b bytea, c text[], d jsonb, e timestamptz, f xml);
    CREATE TABLE other.twin (id int PRIMARY KEY, name text);
    CREATE TABLE other.triplet (id int PRIMARY KEY, name text);
    CREATE TABLE other.nothing ();
    CREATE TABLE other.empty (id int);
    CREATE VIEW shop.rich AS SELECT c.id, c.name, count(*) AS orders FROM shop.customer c JOIN shop.orders o ON o.customer = c.id GROUP BY c.id;
    CREATE MATERIALIZED VIEW shop.totals AS SELECT customer, sum(total) AS total FROM shop.orders GROUP BY 1;
    CREATE UNIQUE INDEX ON shop.totals (customer);
    CREATE SEQUENCE other.free START 7;
    INSERT INTO shop.customer (name, mood, note) SELECT 'name ' || g, (ARRAY['good', 'bad'])[1 + g % 2]::shop.mood, md5(g::text) FROM generate_series(1, 2000) g;
    INSERT INTO shop.orders (customer, total, day) SELECT 1 + g % 2000, g / 7.0, date '2026-01-01' + g % 300 FROM generate_series(1, 20000) g;
    INSERT INTO shop.visits SELECT date '2026-01-01' + g % 360, 'place ' || g FROM generate_series(1, 5000) g;
    INSERT INTO other."Wide ""table" SELECT random(), decode(md5(g::text), 'hex'), ARRAY['a', NULL, E'back\\\\slash\\ttab'], jsonb_build_object('g', g), now() + g * interval '1 hour', xmlparse(content '<a/>b') FROM generate_series(1, 300) g;
    INSERT INTO other.twin SELECT g, 'twin ' || g FROM generate_series(1, 500) g;
    INSERT INTO other.triplet SELECT g, 'trip ' || g FROM generate_series(1, 500) g;
    INSERT INTO other.nothing SELECT FROM generate_series(1, 3);
    DELETE FROM shop.orders WHERE id % 17 = 0;
    UPDATE shop.customer SET name = upper(name) WHERE id % 13 = 0;
    REFRESH MATERIALIZED VIEW shop.totals;
    SELECT nextval('other.free'), nextval('other.free');
    CREATE FUNCTION shop.stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER stamp BEFORE INSERT ON shop.orders FOR EACH ROW EXECUTE PROCEDURE shop.stamp();
    COMMENT ON TABLE shop.orders IS 'what was sold';
    SELECT lo_from_bytea(80001, decode(repeat('00ff', 300000), 'hex')), lo_from_bytea(80002, 'small'), lo_from_bytea(80003, '')`);
}
