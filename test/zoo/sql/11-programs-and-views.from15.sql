SET search_path = zoo, public;
CREATE VIEW invoker_view WITH (security_invoker) AS SELECT * FROM animals;
CREATE PUBLICATION filtered FOR TABLE animals (id, name) WHERE (id > 5);
CREATE PUBLICATION of_a_schema FOR TABLES IN SCHEMA "schéma_動物園";
