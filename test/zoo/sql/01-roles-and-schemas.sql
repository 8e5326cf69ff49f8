CREATE SCHEMA zoo AUTHORIZATION zoo_owner;
CREATE SCHEMA "Zoo ""quoted"" Schema" AUTHORIZATION zoo_keeper;
CREATE SCHEMA "schéma_動物園";
CREATE SCHEMA empty_schema;
CREATE SCHEMA extensions;
GRANT USAGE ON SCHEMA zoo TO PUBLIC;
GRANT USAGE, CREATE ON SCHEMA zoo TO zoo_keeper WITH GRANT OPTION;
COMMENT ON SCHEMA zoo IS 'It''s a "zoo", with a \ backslash
and a second line';
