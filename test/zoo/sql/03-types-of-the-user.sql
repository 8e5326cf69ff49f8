SET search_path = zoo, public;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s "fine"', 'happy');
-- next transaction
ALTER TYPE zoo.mood ADD VALUE 'so so' BEFORE 'ok';
-- next transaction
SET search_path = zoo, public;
COMMENT ON TYPE mood IS 'how it feels';
CREATE TYPE "Weird Type" AS ENUM ('', ' ', 'A,B', '{}', 'ü');

CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN small_positive AS positive DEFAULT 3 NOT NULL CONSTRAINT below_a_hundred CHECK (VALUE < 100);
CREATE DOMAIN year AS integer CONSTRAINT plausible CHECK (VALUE BETWEEN 1800 AND 2200);
CREATE DOMAIN loose AS text;
CREATE DOMAIN positives AS positive[];
CREATE DOMAIN a_mood AS mood CHECK (VALUE <> 'sad');
ALTER DOMAIN year ADD CONSTRAINT even CHECK (VALUE % 2 = 0) NOT VALID;

CREATE TYPE pair AS (a integer, b double precision);
CREATE TYPE nest AS ("the pair" pair, feeling mood, many pair[], "with, comma" text);
CREATE TYPE deep AS (inner_nest nest, years year[]);
CREATE DOMAIN checked_pair AS pair CHECK ((VALUE).a > 0);

CREATE FUNCTION float_difference(double precision, double precision) RETURNS double precision LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
CREATE TYPE float_span AS RANGE (subtype = float8, subtype_diff = zoo.float_difference);
CREATE TYPE text_span AS RANGE (subtype = text, collation = "C");
CREATE TYPE mood_span AS RANGE (subtype = mood);

-- A base type of the user's own, made of the functions of text.
CREATE TYPE own_text;
CREATE FUNCTION own_text_in(cstring) RETURNS own_text LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION own_text_out(own_text) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE own_text (INPUT = own_text_in, OUTPUT = own_text_out, INTERNALLENGTH = VARIABLE, STORAGE = extended, CATEGORY = 'S');
CREATE TYPE shell_only;

CREATE TABLE user_types (
  id integer PRIMARY KEY,
  feeling mood, feelings mood[], weird "Weird Type"[],
  legs small_positive, pos positive, ys year[], ps positives, pss positives[], am a_mood, ams a_mood[],
  p pair, ps2 pair[], n nest, d deep, cp checked_pair, cps checked_pair[],
  fs float_span, ts text_span, ms mood_span, fss float_span[],
  o own_text, os own_text[]
);
INSERT INTO user_types VALUES
  (1, 'sad', '{sad,NULL,"it''s \"fine\""}', ARRAY['', ' ', 'A,B', '{}', 'ü']::"Weird Type"[], 5, 1, '{1900,2000}', '{1,2}', NULL, 'happy', '{ok}',
   ROW(1, 'NaN'), ARRAY[ROW(1, 0.1), NULL, ROW(NULL, NULL)]::pair[], ROW(ROW(2, 1e300), 'so so', ARRAY[ROW(3, -0.0)]::pair[], 'x,"y"\'), ROW(ROW(NULL, NULL, '{}', ''), '{2024}'), ROW(7, 7), ARRAY[ROW(1, 1)]::checked_pair[],
   '[0.1,0.2)', '["a,b","c]")', '[sad,happy]', ARRAY['empty', '(,)']::float_span[], 'own \ text', '{"a b",NULL}'),
  (2, NULL, '{}', '{}', 1, NULL, '{}', '{}', '{}', NULL, NULL, ROW(NULL, NULL), '{}', ROW(NULL, NULL, NULL, NULL), ROW(NULL, NULL), NULL, '{}',
   'empty', '(,)', NULL, '{}', '', '{}');
INSERT INTO user_types (id, feelings, ps) VALUES (3, '[0:1][-1:0]={{sad,ok},{happy,NULL}}', '[5:6]={8,9}');

CREATE TABLE typed_table OF pair (PRIMARY KEY (a));
INSERT INTO typed_table VALUES (1, 2.5), (2, NULL);

-- A column of a table's row type, and arrays of it.
CREATE TABLE rows_of_rows (id integer PRIMARY KEY, one typed_table, several typed_table[]);
INSERT INTO rows_of_rows VALUES (1, ROW(5, 6), ARRAY[ROW(7, 8)]::typed_table[]), (2, NULL, NULL);
