-- Of the database the migration moves; run with the name of the database.
ALTER DATABASE :database SET work_mem = '5MB';
ALTER DATABASE :database SET search_path = zoo, "Zoo ""quoted"" Schema", public;
ALTER DATABASE :database SET "zoo.own_setting" = 'with '' quote';
ALTER ROLE zoo_keeper IN DATABASE :database SET statement_timeout = '7s';
ALTER DATABASE :database CONNECTION LIMIT 42;
COMMENT ON DATABASE :database IS 'the zoo''s database';
GRANT CONNECT, TEMPORARY ON DATABASE :database TO zoo_keeper;
REVOKE TEMPORARY ON DATABASE :database FROM PUBLIC;
ALTER DATABASE :database OWNER TO zoo_owner;
