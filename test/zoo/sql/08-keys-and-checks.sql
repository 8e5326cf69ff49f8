SET search_path = zoo, public;
CREATE TABLE deferrable_key (id integer PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, other integer NOT NULL, CONSTRAINT deferrable_key_other UNIQUE (other), rank integer UNIQUE DEFERRABLE);
ALTER TABLE deferrable_key REPLICA IDENTITY USING INDEX deferrable_key_other;
INSERT INTO deferrable_key SELECT n, n * 10, n FROM generate_series(1, 5) AS n;
CREATE TABLE swapped (id integer PRIMARY KEY, place integer UNIQUE);
INSERT INTO swapped SELECT n, n FROM generate_series(1, 6) AS n;
CREATE TABLE moved_key (a integer, b text, v integer, PRIMARY KEY (b, a));
INSERT INTO moved_key SELECT n, 'k' || n, n FROM generate_series(1, 10) AS n;
CREATE TABLE other_identity (a integer NOT NULL, b integer NOT NULL, c text, UNIQUE (a));
CREATE UNIQUE INDEX other_identity_b ON other_identity (b);
ALTER TABLE other_identity REPLICA IDENTITY USING INDEX other_identity_b;
INSERT INTO other_identity SELECT n, -n, 'row ' || n FROM generate_series(1, 10) AS n;
CREATE TABLE full_identity (a integer, b text, f double precision, ts timestamptz);
ALTER TABLE full_identity REPLICA IDENTITY FULL;
INSERT INTO full_identity VALUES (1, 'twice', 0.1, NULL), (1, 'twice', 0.1, NULL), (2, NULL, 'NaN', 'infinity'), (NULL, NULL, NULL, NULL), (3, 'x', -0.0, now());
-- Without any identity: the migration's choice `full` and `insert-only`.
CREATE TABLE no_identity (a integer, b text);
INSERT INTO no_identity VALUES (1, 'x'), (1, 'x'), (2, NULL);
CREATE TABLE inserts_only (at timestamptz, doc json, spot point);
INSERT INTO inserts_only VALUES ('2020-01-01 00:00:00+00', '{"a": 1}', '(1,2)');
CREATE TABLE nothing_identity (a integer PRIMARY KEY, b text);
ALTER TABLE nothing_identity REPLICA IDENTITY NOTHING;
INSERT INTO nothing_identity VALUES (1, 'x');

CREATE TABLE booked (room integer, during tsrange, note text, id integer PRIMARY KEY,
  CONSTRAINT no_overlap EXCLUDE USING gist (room extensions.gist_int4_ops WITH =, during WITH &&) WHERE (note IS DISTINCT FROM 'maybe'),
  CONSTRAINT later EXCLUDE USING btree (room WITH =) WHERE (note = 'alone') DEFERRABLE INITIALLY DEFERRED);
INSERT INTO booked VALUES (1, '[2024-01-01,2024-01-02)', NULL, 1), (1, '[2024-01-02,2024-01-03)', 'x', 2), (1, '[2024-01-01,2024-01-05)', 'maybe', 3);

CREATE TABLE checked (id integer PRIMARY KEY, a integer, b integer, CONSTRAINT ordered CHECK (a < b), CONSTRAINT "quoted ""check""" CHECK (a <> 13));
INSERT INTO checked VALUES (1, 1, 2), (2, NULL, 5), (3, -5, 4);
ALTER TABLE checked ADD CONSTRAINT violated CHECK (a > 0) NOT VALID;

-- Foreign keys in a circle, on themselves, over several columns, not valid with an orphan, deferred, with every action.
CREATE TABLE chicken (id integer PRIMARY KEY, egg integer);
CREATE TABLE egg (id integer PRIMARY KEY, chicken integer REFERENCES chicken ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE);
ALTER TABLE chicken ADD CONSTRAINT chicken_egg FOREIGN KEY (egg) REFERENCES egg ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
INSERT INTO chicken VALUES (1, 1), (2, NULL);
INSERT INTO egg VALUES (1, 1), (2, 2);
CREATE TABLE tree (id integer PRIMARY KEY, parent integer DEFAULT 1 REFERENCES tree ON DELETE SET DEFAULT, comment text);
INSERT INTO tree VALUES (3, 2, 'leaf first'), (2, 1, NULL), (1, NULL, NULL);
CREATE TABLE two_columns (a integer, b text, c integer, PRIMARY KEY (a), FOREIGN KEY (b, c) REFERENCES moved_key (b, a) MATCH FULL ON UPDATE CASCADE);
INSERT INTO two_columns VALUES (1, 'k3', 3), (2, NULL, NULL);
CREATE TABLE orphaned (id integer PRIMARY KEY, tree integer);
INSERT INTO orphaned VALUES (1, 1), (2, 4711);
ALTER TABLE orphaned ADD CONSTRAINT "not valid yet" FOREIGN KEY (tree) REFERENCES tree NOT VALID;
CREATE TABLE keyed_parts (id integer NOT NULL, refers integer REFERENCES checked) PARTITION BY RANGE (id);
CREATE TABLE keyed_parts_1 PARTITION OF keyed_parts (PRIMARY KEY (id)) FOR VALUES FROM (0) TO (100);
INSERT INTO keyed_parts VALUES (1, 1), (2, NULL);
ALTER TABLE keyed_parts_1 ADD CONSTRAINT leaf_only FOREIGN KEY (id) REFERENCES checked (id);
COMMENT ON CONSTRAINT leaf_only ON keyed_parts_1 IS 'of the leaf alone';
COMMENT ON CONSTRAINT ordered ON checked IS 'a check';
