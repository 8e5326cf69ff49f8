SET search_path = zoo, public;
CREATE TABLE fired (n bigserial PRIMARY KEY, what text);
CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO zoo.fired (what) VALUES (TG_NAME || ' ' || TG_OP);
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TABLE triggered (id integer PRIMARY KEY, t text, changed integer DEFAULT 0);
CREATE TRIGGER plain_trigger BEFORE INSERT OR UPDATE OR DELETE ON triggered FOR EACH ROW EXECUTE PROCEDURE fire('an ''argument''', E'\\');
CREATE TRIGGER disabled_trigger AFTER INSERT ON triggered FOR EACH ROW EXECUTE PROCEDURE fire();
CREATE TRIGGER of_columns AFTER UPDATE OF t ON triggered FOR EACH ROW WHEN (old.t IS DISTINCT FROM new.t) EXECUTE PROCEDURE fire();
CREATE TRIGGER replica_trigger BEFORE INSERT ON triggered FOR EACH ROW WHEN (false) EXECUTE PROCEDURE fire();
CREATE TRIGGER always_trigger BEFORE UPDATE ON triggered FOR EACH ROW WHEN (false) EXECUTE PROCEDURE fire();
CREATE TRIGGER statement_trigger AFTER TRUNCATE ON triggered EXECUTE PROCEDURE fire();
CREATE TRIGGER transition AFTER UPDATE ON triggered REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE PROCEDURE fire();
CREATE CONSTRAINT TRIGGER "late ""one""" AFTER INSERT ON triggered DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE PROCEDURE fire();
CREATE TRIGGER instead INSTEAD OF UPDATE ON nested_view FOR EACH ROW EXECUTE PROCEDURE fire();
CREATE TRIGGER on_partitions AFTER INSERT ON by_range FOR EACH ROW EXECUTE PROCEDURE fire();
ALTER TABLE triggered DISABLE TRIGGER disabled_trigger;
ALTER TABLE triggered ENABLE REPLICA TRIGGER replica_trigger;
ALTER TABLE triggered ENABLE ALWAYS TRIGGER always_trigger;
COMMENT ON TRIGGER plain_trigger ON triggered IS 'fires';
INSERT INTO triggered VALUES (1, 'a'), (2, 'b'), (3, 'c');
UPDATE triggered SET t = 'd' WHERE id = 2;

-- Writes down every definition: what we do on either side must not show up in it.
CREATE TABLE definitions (n bigserial PRIMARY KEY, tag text);
CREATE FUNCTION note_definition() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO zoo.definitions (tag) VALUES (tg_tag); END $$;
CREATE EVENT TRIGGER note_definitions ON ddl_command_end EXECUTE PROCEDURE note_definition();
CREATE EVENT TRIGGER only_some ON sql_drop WHEN TAG IN ('DROP TABLE', 'DROP VIEW') EXECUTE PROCEDURE note_definition();
CREATE EVENT TRIGGER sleeping ON ddl_command_start EXECUTE PROCEDURE note_definition();
ALTER EVENT TRIGGER sleeping DISABLE;
COMMENT ON EVENT TRIGGER only_some IS 'drops';
CREATE TABLE noticed (id integer PRIMARY KEY);
DROP TABLE noticed;

CREATE TABLE secrets (id integer PRIMARY KEY, owner name DEFAULT CURRENT_USER, t text);
INSERT INTO secrets VALUES (1, 'zoo_keeper', 'a'), (2, 'nobody', 'b');
ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE secrets FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON secrets FOR SELECT TO zoo_keeper, "zoo Visitor" USING (owner = CURRENT_USER);
CREATE POLICY "strict ""one""" ON secrets AS RESTRICTIVE FOR ALL USING (t <> 'x') WITH CHECK (id > 0);
CREATE POLICY updates ON secrets FOR UPDATE USING (true) WITH CHECK (EXISTS (SELECT FROM zoo.animals));
COMMENT ON POLICY updates ON secrets IS 'a policy';
CREATE TABLE policies_asleep (id integer PRIMARY KEY);
CREATE POLICY asleep ON policies_asleep USING (false);

GRANT SELECT, INSERT (id, t), UPDATE (t) ON secrets TO zoo_keeper WITH GRANT OPTION;
GRANT ALL ON animals TO zoo_group, "zoo Visitor";
REVOKE DELETE ON animals FROM postgres;
GRANT SELECT ON animals TO PUBLIC;
GRANT USAGE ON TYPE mood TO zoo_keeper;
REVOKE USAGE ON TYPE positive FROM PUBLIC;
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO zoo_owner;
GRANT USAGE ON FOREIGN SERVER elsewhere TO zoo_keeper;
GRANT SELECT ON pg_catalog.pg_authid TO zoo_keeper;
ALTER TABLE numbers OWNER TO zoo_owner;
ALTER TYPE mood OWNER TO zoo_owner;
ALTER DEFAULT PRIVILEGES FOR ROLE zoo_owner IN SCHEMA zoo GRANT SELECT ON TABLES TO zoo_keeper;
ALTER DEFAULT PRIVILEGES FOR ROLE zoo_owner GRANT USAGE ON SEQUENCES TO zoo_keeper;
ALTER DEFAULT PRIVILEGES FOR ROLE zoo_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE zoo_keeper GRANT USAGE ON SCHEMAS TO zoo_group;

CREATE PUBLICATION of_the_user FOR TABLE animals, numbers WITH (publish = 'insert, delete');
CREATE PUBLICATION of_nothing;
COMMENT ON PUBLICATION of_nothing IS 'empty';
