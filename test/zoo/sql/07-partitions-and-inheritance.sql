SET search_path = zoo, public;
CREATE TABLE by_range (id bigint NOT NULL, day date NOT NULL, t text DEFAULT 'parent', PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE by_range_2023 PARTITION OF by_range FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
CREATE TABLE by_range_2024 PARTITION OF by_range (t DEFAULT 'leaf', CHECK (t <> 'never')) FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE by_range_rest PARTITION OF by_range DEFAULT;
CREATE INDEX by_range_t ON by_range (t);
CREATE INDEX by_range_2024_only ON by_range_2024 (t DESC, id);
INSERT INTO by_range (id, day) SELECT n, '2023-06-01'::date + n * 30 FROM generate_series(1, 40) AS n;

CREATE TABLE by_list (id integer, kind text NOT NULL, CONSTRAINT by_list_kind_known CHECK (kind <> '')) PARTITION BY LIST (kind);
CREATE TABLE by_list_a PARTITION OF by_list FOR VALUES IN ('a', 'it''s');
-- A leaf that was attached has its columns in another order, and one more that was dropped.
CREATE TABLE by_list_b (dropped integer, kind text NOT NULL, id integer, CONSTRAINT by_list_kind_known CHECK (kind <> ''));
ALTER TABLE by_list_b DROP COLUMN dropped;
ALTER TABLE by_list ATTACH PARTITION by_list_b FOR VALUES IN ('b', NULL);
CREATE UNIQUE INDEX by_list_key ON by_list (id, kind);
ALTER TABLE by_list_a ALTER id SET NOT NULL;
ALTER TABLE by_list_a REPLICA IDENTITY USING INDEX by_list_a_id_kind_idx;
ALTER TABLE by_list_b REPLICA IDENTITY FULL;
INSERT INTO by_list VALUES (1, 'a'), (2, 'it''s'), (3, 'b');

CREATE TABLE by_hash (id integer PRIMARY KEY, t text) PARTITION BY HASH (id);
CREATE TABLE by_hash_0 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_hash_1 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO by_hash SELECT n, 'row ' || n FROM generate_series(1, 50) AS n;

CREATE TABLE multi_level (id serial, region text NOT NULL, day date NOT NULL, PRIMARY KEY (id, region, day)) PARTITION BY LIST (region);
CREATE TABLE multi_level_eu PARTITION OF multi_level FOR VALUES IN ('eu') PARTITION BY RANGE (day);
CREATE TABLE multi_level_eu_old PARTITION OF multi_level_eu FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
CREATE TABLE multi_level_eu_new PARTITION OF multi_level_eu FOR VALUES FROM ('2024-01-01') TO (MAXVALUE) PARTITION BY HASH (id);
CREATE TABLE multi_level_eu_new_0 PARTITION OF multi_level_eu_new FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE multi_level_rest PARTITION OF multi_level DEFAULT;
CREATE TABLE no_leaves (id integer PRIMARY KEY) PARTITION BY RANGE (id);
INSERT INTO multi_level (region, day) SELECT CASE n % 2 WHEN 0 THEN 'eu' ELSE 'us' END, '2023-11-01'::date + n * 10 FROM generate_series(1, 20) AS n;
CREATE INDEX multi_level_day ON multi_level (day) INCLUDE (region);
COMMENT ON INDEX multi_level_day IS 'an index over partitions';
COMMENT ON TABLE multi_level_eu_new_0 IS 'a leaf';

-- Another schema's leaf, and the key of a leaf that its parent does not have.
CREATE TABLE "Zoo ""quoted"" Schema"."Leaf ""elsewhere""" PARTITION OF by_range FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
INSERT INTO by_range VALUES (999, '2030-05-05', 'elsewhere');
CREATE TABLE partial_keys (a integer NOT NULL, b text) PARTITION BY RANGE (a);
CREATE TABLE partial_keys_1 PARTITION OF partial_keys (PRIMARY KEY (a)) FOR VALUES FROM (0) TO (100);
CREATE TABLE partial_keys_2 PARTITION OF partial_keys (UNIQUE (a)) FOR VALUES FROM (100) TO (200);
ALTER TABLE partial_keys_2 REPLICA IDENTITY USING INDEX partial_keys_2_a_key;
INSERT INTO partial_keys VALUES (1, 'x'), (150, 'y');

-- Rows in the parent too; columns that come from two parents; an order of columns of the child's own.
CREATE TABLE animals (id serial PRIMARY KEY, name text NOT NULL CHECK (name <> ''), legs integer DEFAULT 4);
CREATE TABLE marked (mark text NOT NULL DEFAULT 'm', CONSTRAINT no_inherit_check CHECK (mark <> 'parent only') NO INHERIT);
CREATE TABLE dogs (barks boolean, PRIMARY KEY (id)) INHERITS (animals, marked);
CREATE TABLE puppies (age integer, PRIMARY KEY (id)) INHERITS (dogs);
CREATE TABLE added_later (extra text, legs integer, name text NOT NULL, id integer NOT NULL PRIMARY KEY, CONSTRAINT animals_name_check CHECK (name <> ''));
ALTER TABLE added_later INHERIT animals;
ALTER TABLE dogs ALTER legs SET DEFAULT 3;
INSERT INTO animals (name) VALUES ('snake'), ('worm');
INSERT INTO dogs (name, barks) VALUES ('rex', true), ('bello', false);
INSERT INTO puppies (name, age) VALUES ('tiny', 1);
INSERT INTO added_later VALUES ('e', 8, 'spider', 100);
ALTER TABLE marked REPLICA IDENTITY FULL;
INSERT INTO marked VALUES ('own'), ('own');
