SET search_path = zoo, public;
CREATE FUNCTION atomic(a integer) RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(*) + a FROM zoo.animals WHERE legs = a; END;
CREATE PROCEDURE out_of_it(OUT a integer, IN b integer) LANGUAGE sql AS 'SELECT b';
CREATE COLLATION case_blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE blind (id integer PRIMARY KEY, t text COLLATE case_blind UNIQUE);
INSERT INTO blind VALUES (1, 'Abc'), (2, 'abd');
