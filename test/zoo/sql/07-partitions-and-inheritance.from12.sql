SET search_path = zoo, public;
CREATE TABLE generated_parts (id integer NOT NULL, a integer, double integer GENERATED ALWAYS AS (a * 2) STORED, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE generated_parts_1 PARTITION OF generated_parts FOR VALUES FROM (0) TO (100);
INSERT INTO generated_parts VALUES (1, 5), (2, NULL);
CREATE TABLE parent_key (id integer PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE parent_key_1 PARTITION OF parent_key FOR VALUES FROM (0) TO (100);
INSERT INTO parent_key VALUES (1), (2);
CREATE TABLE refers_to_partitions (id integer PRIMARY KEY, parent integer REFERENCES parent_key DEFERRABLE INITIALLY DEFERRED);
INSERT INTO refers_to_partitions VALUES (1, 1), (2, NULL);
