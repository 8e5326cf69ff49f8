SET search_path = zoo, public;
CREATE TABLE generated (
  id integer PRIMARY KEY, width numeric, "the ""height""" numeric,
  "the Area" numeric GENERATED ALWAYS AS (width * "the ""height""") STORED,
  label text GENERATED ALWAYS AS ('no. ' || id) STORED,
  tail integer DEFAULT 5
);
INSERT INTO generated (id, width, "the ""height""") VALUES (1, 2, 3), (2, NULL, 1), (3, 0.1, 10);
CREATE INDEX generated_area ON generated ("the Area");
CREATE TABLE generated_first (g integer GENERATED ALWAYS AS (1) STORED, id integer PRIMARY KEY);
INSERT INTO generated_first (id) VALUES (1), (2);
CREATE TABLE generated_only (g integer GENERATED ALWAYS AS (1) STORED);
INSERT INTO generated_only SELECT FROM generate_series(1, 4);
CREATE TABLE json_paths (id integer PRIMARY KEY, p jsonpath, ps jsonpath[]);
INSERT INTO json_paths VALUES (1, '$."a b"[*] ? (@.x > 1.10 && @ like_regex "^\\d" flag "i")', '{$,strict $.a}'), (2, NULL, '{}');
