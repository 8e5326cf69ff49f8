CREATE EXTENSION hstore SCHEMA extensions;
CREATE EXTENSION citext SCHEMA extensions;
CREATE EXTENSION ltree SCHEMA extensions;
CREATE EXTENSION pg_trgm SCHEMA extensions;
CREATE EXTENSION "uuid-ossp" SCHEMA extensions;
CREATE EXTENSION btree_gist SCHEMA extensions;
CREATE EXTENSION btree_gin SCHEMA extensions;
CREATE EXTENSION intarray SCHEMA extensions;
CREATE EXTENSION cube SCHEMA extensions;
CREATE EXTENSION unaccent SCHEMA public;
COMMENT ON EXTENSION hstore IS 'a comment of the user on an extension';

CREATE TABLE zoo.extension_values (
  id uuid PRIMARY KEY DEFAULT extensions.uuid_generate_v4(),
  tags extensions.hstore,
  nick extensions.citext UNIQUE,
  place extensions.ltree,
  spot extensions.cube,
  nicks extensions.citext[],
  numbers integer[]
);
INSERT INTO zoo.extension_values VALUES
  ('00000000-0000-0000-0000-000000000001', 'a=>1, "b c"=>"\"quoted\"", d=>NULL', 'Ärger', 'top.science.astronomy', '(1,2,3),(4,5,6)', '{Abc,NULL,"d e"}', '{3,1,2}'),
  ('00000000-0000-0000-0000-000000000002', '', '', '', '(0)', '{}', NULL),
  ('00000000-0000-0000-0000-000000000003', NULL, NULL, NULL, NULL, NULL, '{}');
CREATE INDEX extension_values_tags ON zoo.extension_values USING gin (tags);
CREATE INDEX extension_values_place ON zoo.extension_values USING gist (place);
CREATE INDEX extension_values_nick ON zoo.extension_values USING gin ((nick::text) extensions.gin_trgm_ops);
CREATE INDEX extension_values_numbers ON zoo.extension_values USING gin (numbers extensions.gin__int_ops);
