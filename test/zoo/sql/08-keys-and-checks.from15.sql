SET search_path = zoo, public;
CREATE TABLE one_null (id integer PRIMARY KEY, a integer UNIQUE NULLS NOT DISTINCT, b integer);
CREATE UNIQUE INDEX one_null_b ON one_null (b) NULLS NOT DISTINCT WHERE id > 0;
INSERT INTO one_null VALUES (1, NULL, NULL), (2, 2, 2);
CREATE TABLE set_null_some (id integer PRIMARY KEY, a integer, b text, FOREIGN KEY (b, a) REFERENCES moved_key (b, a) ON DELETE SET NULL (a));
INSERT INTO set_null_some VALUES (1, 4, 'k4');
CREATE UNLOGGED SEQUENCE unlogged_sequence;
SELECT nextval('unlogged_sequence');
