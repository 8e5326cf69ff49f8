-- A column of every type that initdb makes and a column can have, each with values at its edges.
SET search_path = zoo, public;
CREATE TABLE numbers (
  id integer PRIMARY KEY, i2 smallint, i4 integer, i8 bigint, f4 real, f8 double precision, n numeric, n10 numeric(10), n10_3 numeric(10, 3), m money, o oid, b boolean
);
INSERT INTO numbers VALUES
  (1, 32767, 2147483647, 9223372036854775807, 3.4028235e38, 1.7976931348623157e308, 'NaN', 9999999999, 9999999.999, 92233720368547758.07, 4294967295, true),
  (2, -32768, -2147483648, -9223372036854775808, '-Infinity', 'NaN', 123456789012345678901234567890.123456789012345678901234567890, -1, -0.001, '-$92,233,720,368,547,758.08', 0, false),
  (3, 0, 0, 0, 'NaN', 'Infinity', 0.000000000000000000000000000000000001, 0, 0, 0, 1, NULL),
  (4, NULL, NULL, NULL, 1.1754944e-38, 5e-324, 1e-200, NULL, NULL, NULL, NULL, NULL),
  (5, 1, 1, 1, 0.1, 0.1, 1.10, 1, 1.1, 1.1, 1, true),
  (6, 1, 1, 1, '-0', '-0', 0.00, 1, 1.100, 1.1, 1, true),
  (7, 1, 1, 1, 16777217, 9007199254740993, 1e131071, 1, 1, 1, 1, true);

CREATE TABLE texts (id integer PRIMARY KEY, t text, v varchar, v5 varchar(5), c char(7), c1 char, n name, q "char", bytes bytea, u uuid, x xml, j json, jb jsonb, r refcursor);
INSERT INTO texts VALUES
  (1, E'tab\there\nline\r\\ backslash \\. \\N ''quote'' "double" \x01\x1f\x7f', '\N', '\.', 'abc    ', ' ', repeat('n', 63), '\', '\x00ff5c4e27220a', '00112233-4455-6677-8899-aabbccddeeff',
   '<a b="c">text &amp; <!-- comment --></a>', '{"a" : 1, "a":2, "b": [1.0, 1e5, "\u00e9\\n\/"]}', '{"b": [1.0, 1e5, "é\\n"], "a": null, "": {}}', 'cursor'),
  (2, '', '', '', '', '', '', '', '', '00000000-0000-0000-0000-000000000000', '', '""', '""', ''),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, 'ü € 動物 😀 ' || repeat('é', 3000), '\\N', 'ü€動', 'ü', 'ü', 'ü', E'\\351'::bytea::text::"char", decode(repeat('00', 5000), 'hex'), 'ffffffff-ffff-ffff-ffff-ffffffffffff',
   'no element', '  [ ]  ', '[]', E'\n'),
  (5, '\x41', '{}', ',', '   ', '"', '"', '"', '\x', NULL, '<?xml version="1.0"?><e/>', '"\u0041\\u0000"', '{"k": "\\u0000 \\\\"}', NULL);

CREATE TABLE times (id integer PRIMARY KEY, d date, t time, t3 time(3), tz timetz, ts timestamp, ts0 timestamp(0), tstz timestamptz, i interval, iym interval year to month, is3 interval second(3));
INSERT INTO times VALUES
  (1, 'infinity', '24:00:00', '23:59:59.999', '24:00:00+15:59', 'infinity', '2000-01-01', '-infinity', '178000000 years 11 mons 30 days 23:59:59.999999', '5 years', '1.234'),
  (2, '-infinity', '00:00', '0:0', '00:00-15:59:59', '-infinity', NULL, 'infinity', '-1 mons +1 days -01:00:00.000001', '-1 mon', '-0.001'),
  (3, '4714-11-24 BC', NULL, NULL, NULL, '294276-12-31 23:59:59.999999', NULL, '4714-11-24 00:00:00+00 BC', '0', NULL, NULL),
  (4, '5874897-12-31', '12:00:00.000001', NULL, '12:00:00.000001+00', '2024-02-29 12:00:00.1', NULL, '2024-03-31 02:30:00 Europe/Berlin', '1 day', NULL, NULL);

CREATE TABLE bits (id integer PRIMARY KEY, b bit, b9 bit(9), vb varbit, vb4 varbit(4), bs bit(3)[]);
INSERT INTO bits VALUES (1, B'1', B'101010101', B'', B'1010', '{101,NULL}'), (2, B'0', X'0F' || B'1', repeat('10', 500)::varbit, B'', '{}'), (3, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE shapes (id integer PRIMARY KEY, p point, l line, ls lseg, b box, pa path, po polygon, c circle, ps point[], bs box[]);
INSERT INTO shapes VALUES
  (1, '(0.1,-1e300)', '{1,2,3}', '[(0,0),(1,1.1)]', '(2,2),(1,1)', '[(0,0),(1,1),(2,0)]', '((0,0),(1,1),(2,0))', '<(0.3,0.1),5>', '{"(1,2)","(3,4)"}', '{(2,2),(1,1);(4,4),(3,3)}'),
  (2, '(NaN,Infinity)', '{0,1,-0.1}', '[(0,0),(0,0)]', '(0,0),(0,0)', '((0,0))', '((0.1,0.2))', '<(0,0),0>', '{}', '{}'),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE networks (id integer PRIMARY KEY, i inet, c cidr, m macaddr, m8 macaddr8, "is" inet[]);
INSERT INTO networks VALUES (1, '192.168.0.1/24', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '{::1,1.2.3.4/32}'), (2, '::ffff:1.2.3.4/128', '2001:db8::/32', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00:00:00', '{}'), (3, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE searches (id integer PRIMARY KEY, v tsvector, q tsquery, vs tsvector[]);
INSERT INTO searches VALUES (1, $$'a':1A,2B 'it''s':3C '\\back':16383$$, $$'fat' & ( 'rat':AB* | !'cat' ) <2> 'x'$$, ARRAY['a b'::tsvector]), (2, '', '', '{}'), (3, to_tsvector('english', 'The Fat Rats'), plainto_tsquery('english', 'The Fat Rats'), NULL);

CREATE TABLE system_types (id integer PRIMARY KEY, lsn pg_lsn, snap txid_snapshot, x xid, c cid, ti tid, iv int2vector, ov oidvector, a aclitem, aa aclitem[]);
INSERT INTO system_types VALUES (1, 'FFFFFFFF/FFFFFFFF', '10:20:10,14,15', '4294967295', '7', '(4294967295,65535)', '1 2 3', '4 5 6', 'zoo_owner=r*w/zoo_owner', '{zoo_owner=r/zoo_owner,=a/zoo_owner}'), (2, '0/0', '1:1:', '0', '0', '(0,0)', '', '', NULL, NULL);

-- Their values are OIDs of one server: text is the only form that means the same on the other.
CREATE TABLE registered (id integer PRIMARY KEY, rc regclass, rt regtype, rp regproc, rpr regprocedure, ro regoper, ror regoperator, rr regrole, rn regnamespace, rcfg regconfig, rd regdictionary, rcs regclass[]);
INSERT INTO registered VALUES
  (1, 'zoo.numbers', 'zoo.mood', 'zoo.float_difference', 'zoo.float_difference(float8,float8)', '|/', '+(integer,integer)', 'zoo_owner', 'zoo', 'english', 'simple', '{zoo.texts,zoo.numbers}'),
  (2, 'pg_class', 'integer[]', 'now', 'now()', '|/', '-(integer,integer)', '"zoo Visitor"', 'pg_catalog', 'german', 'simple', '{}'),
  (3, '0', '0', '0', '0', '0', '0', NULL, NULL, NULL, NULL, NULL);

CREATE TABLE ranges (id integer PRIMARY KEY, i4 int4range, i8 int8range, n numrange, ts tsrange, tstz tstzrange, d daterange, i4s int4range[]);
INSERT INTO ranges VALUES (1, '[1,5)', '(,9223372036854775807)', '[0.10,NaN]', '[-infinity,infinity]', '[2024-01-01,)', '[2024-01-01,infinity)', '{"[1,2)",empty}'), (2, 'empty', 'empty', 'empty', 'empty', 'empty', 'empty', '{}'), (3, NULL, NULL, '(,)', NULL, NULL, NULL, NULL);

CREATE TABLE arrays (id integer PRIMARY KEY, i integer[], ii integer[][], t text[], f double precision[], n numeric[], b bytea[], j json[], d date[], ts timestamptz[], big bigint[]);
INSERT INTO arrays VALUES
  (1, '{1,NULL,3}', '[-2:-1][5:6]={{1,2},{3,NULL}}', ARRAY['', 'NULL', NULL, 'a"b', 'c\d', '{e}', 'f,g', ' h ', E'i\nj'], '{NaN,Infinity,0.1}', '{NaN,1.10,1e100}', '{"\\x00",NULL,"\\x"}', ARRAY['{"a":"b"}', NULL]::json[], '{infinity,2024-02-29}', '{-infinity}', '{9223372036854775807}'),
  (2, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
  (3, '[0:0]={7}', '{{{{{{1}}}}}}', '{NULL}', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
