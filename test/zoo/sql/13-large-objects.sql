SELECT lo_from_bytea(70001, 'a small one'), lo_from_bytea(70002, ''), lo_create(70003), lo_from_bytea(70004, decode(repeat('00ff5c', 300000), 'hex'));
ALTER LARGE OBJECT 70001 OWNER TO zoo_keeper;
GRANT SELECT ON LARGE OBJECT 70001 TO zoo_group;
COMMENT ON LARGE OBJECT 70002 IS 'an empty one';
-- A hole: what was never written reads as zeros.
SELECT lo_put(70003, 100000, 'behind a hole');
CREATE TABLE zoo.pictures (id integer PRIMARY KEY, picture oid);
INSERT INTO zoo.pictures VALUES (1, 70001), (2, 70004);
