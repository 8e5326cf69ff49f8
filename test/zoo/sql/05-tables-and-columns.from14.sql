SET search_path = zoo, public;
CREATE TABLE multiranges (id integer PRIMARY KEY, i int4multirange, big int8multirange, n nummultirange, ts tsmultirange, tstz tstzmultirange, d datemultirange, f zoo.float_span_multirange, fs zoo.float_span_multirange[], s pg_snapshot, x xid8, rc regcollation);
INSERT INTO multiranges VALUES (1, '{[1,3),[5,9)}', '{(,9223372036854775807)}', '{(,0.1],[NaN,)}', '{[-infinity,infinity]}', '{[2024-01-01,),(,2000-01-01 00:00:00+00)}', '{}', '{[0.1,0.2),(5,)}', ARRAY['{}', '{(,)}']::zoo.float_span_multirange[], '10:20:10,14', '18446744073709551615', '"C"'), (2, '{}', '{}', NULL, '{}', NULL, '{[2024-01-01,infinity)}', NULL, '{}', NULL, '0', NULL);
CREATE TABLE compressions (id integer PRIMARY KEY, a text COMPRESSION pglz, b text);
INSERT INTO compressions SELECT n, repeat('a' || n, 9000), repeat('b' || n, 9000) FROM generate_series(1, 3) AS n;
