-- After the slot was made and before the window: what needs a target that follows.
TRUNCATE zoo.toasted_key;
-- next transaction
INSERT INTO zoo.toasted_key SELECT (SELECT string_agg(md5(n::text || i), '') FROM generate_series(1, 70) AS i), n FROM generate_series(7, 9) AS n;
-- next transaction
-- Tables that refer to each other, and the sequence too (F58).
TRUNCATE zoo.chicken, zoo.egg;
-- next transaction
TRUNCATE ONLY zoo.identity_default RESTART IDENTITY;
-- next transaction
INSERT INTO zoo.identity_default (t) VALUES ('first again'), ('second');
-- next transaction
TRUNCATE zoo.by_hash;
-- next transaction
INSERT INTO zoo.by_hash SELECT n, 'again ' || n FROM generate_series(1, 9) AS n;
-- next transaction
TRUNCATE ONLY zoo.marked;
-- next transaction
TRUNCATE zoo.tree CASCADE;
-- next transaction
INSERT INTO zoo.tree VALUES (1, NULL, 'anew');
-- next transaction
INSERT INTO zoo.orphaned VALUES (8, 1);
-- next transaction
SELECT setval('zoo.set_not_called', 700, false), setval('zoo.reset_to_start', 1, false), nextval('zoo.identity_parts_id_seq');
-- next transaction
REFRESH MATERIALIZED VIEW zoo.z_base;
-- next transaction
REFRESH MATERIALIZED VIEW zoo.a_on_top;
-- next transaction
REFRESH MATERIALIZED VIEW zoo."A Third";
