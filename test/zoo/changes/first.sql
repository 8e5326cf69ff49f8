-- Transactions of the application, of which some hit what is hard to follow. Each file runs once; the order counts.
SET search_path = zoo, public;
INSERT INTO numbers SELECT id + 100, i2, i4, i8, f4, f8, n, n10, n10_3, m, o, b FROM numbers WHERE id < 100;
INSERT INTO texts SELECT id + 100, t, v, v5, c, c1, n, q, bytes, u, x, j, jb, r FROM texts WHERE id < 100;
INSERT INTO times SELECT id + 100, d, t, t3, tz, ts, ts0, tstz, i, iym, is3 FROM times WHERE id < 100;
INSERT INTO bits SELECT id + 100, b, b9, vb, vb4, bs FROM bits WHERE id < 100;
INSERT INTO shapes SELECT id + 100, p, l, ls, b, pa, po, c, ps, bs FROM shapes WHERE id < 100;
INSERT INTO networks SELECT id + 100, i, c, m, m8, "is" FROM networks WHERE id < 100;
INSERT INTO searches SELECT id + 100, v, q, vs FROM searches WHERE id < 100;
INSERT INTO system_types SELECT id + 100, lsn, snap, x, c, ti, iv, ov, a, aa FROM system_types WHERE id < 100;
INSERT INTO registered SELECT id + 100, rc, rt, rp, rpr, ro, ror, rr, rn, rcfg, rd, rcs FROM registered WHERE id < 100;
INSERT INTO ranges SELECT id + 100, i4, i8, n, ts, tstz, d, i4s FROM ranges WHERE id < 100;
INSERT INTO arrays SELECT id + 100, i, ii, t, f, n, b, j, d, ts, big FROM arrays WHERE id < 100;
INSERT INTO user_types SELECT id + 100, feeling, feelings, weird, legs, pos, ys, ps, pss, am, ams, p, ps2, n, d, cp, cps, fs, ts, ms, fss, o, os FROM user_types WHERE id < 100;
INSERT INTO rows_of_rows SELECT id + 100, one, several FROM rows_of_rows WHERE id < 100;
INSERT INTO extension_values SELECT extensions.uuid_generate_v5(id, 'x'), tags, nick || 'x', place, spot, nicks, numbers FROM extension_values;
-- next transaction
SET search_path = zoo, public;
-- TOAST values that an update leaves alone are not in the log (F10); with FULL and with a key that changes they have to be.
UPDATE toasted SET touched = touched + 1;
UPDATE toasted_full SET touched = touched + 1;
UPDATE toasted SET id = id + 100 WHERE id IN (1, 2);
UPDATE toasted_key SET n = n + 1;
UPDATE toasted_key SET big = big || 'x' WHERE n = 2;
UPDATE toasted SET external = external || 'more', touched = 7 WHERE id = 3;
-- next transaction
SET search_path = zoo, public;
-- Keys that change (F6), keys that change places in one transaction (F7).
UPDATE moved_key SET a = a + 1000 WHERE a > 5;
UPDATE moved_key SET b = b || '!' WHERE a = 3;
UPDATE identity_default SET id = id + 100 WHERE id = 3;
UPDATE swapped SET place = -place WHERE id IN (1, 2);
UPDATE swapped SET place = 1 WHERE id = 2;
UPDATE swapped SET place = 2 WHERE id = 1;
DELETE FROM swapped WHERE id = 3;
INSERT INTO swapped VALUES (3, 3);
-- next transaction
UPDATE zoo.deferrable_key SET id = 6 - id;
-- next transaction
UPDATE zoo.deferrable_key SET rank = 6 - rank, other = other + 1;
-- next transaction
SET search_path = zoo, public;
UPDATE other_identity SET b = b - 100, c = NULL WHERE a < 4;
DELETE FROM other_identity WHERE a = 5;
-- One of two equal rows (F5).
DELETE FROM full_identity WHERE ctid = (SELECT min(ctid) FROM full_identity WHERE a = 1);
UPDATE full_identity SET b = 'changed' WHERE a IS NULL;
UPDATE full_identity SET ts = '-infinity' WHERE f = 'NaN';
DELETE FROM no_identity WHERE ctid = (SELECT min(ctid) FROM no_identity);
UPDATE no_identity SET b = 'y' WHERE a = 2;
INSERT INTO inserts_only VALUES ('infinity', '{"b": [1, 2]}', '(3,4)');
INSERT INTO no_columns SELECT FROM generate_series(1, 2);
INSERT INTO dropped_columns VALUES (4, 'six', 7);
UPDATE dropped_columns SET kept = NULL WHERE id = 1;
DELETE FROM wide WHERE c1 = 2;
UPDATE wide SET c1600 = 9 WHERE c1 = 3;
INSERT INTO identity_always (t) VALUES ('while following');
INSERT INTO identity_always OVERRIDING SYSTEM VALUE VALUES (8, 'by hand, while following');
INSERT INTO identity_default (t) VALUES ('while following');
DELETE FROM identity_always WHERE id = 7;
UPDATE unlogged SET t = 'changed after the copy' WHERE id < 10;
INSERT INTO unlogged_child (parent) VALUES (1);
-- next transaction
SET search_path = zoo, public;
INSERT INTO "MixedCase" ("select", "quo""ted", "back\slash", "ümläut") VALUES (7, 'q"', E'\\\n', 'ÜÜ');
UPDATE "MixedCase" SET "sp ace" = ' ', "semi;colon--" = ';' WHERE "Id" = 1;
UPDATE "multi
line ""table""" SET "multi
line column" = 5 WHERE "multi
line column" = 1;
DELETE FROM "sixty_three_bytes_long_name_of_a_table_which_is_as_long_as_it_can" WHERE "sixty_three_bytes_long_name_of_a_column_which_is_as_long_as_can" = 1;
INSERT INTO "動物園動物園動物園動物園動物園動物園動物園" VALUES ('虎', NULL);
UPDATE "動物園動物園動物園動物園動物園動物園動物園" SET "名前" = '大象' WHERE "名前" = '象';
INSERT INTO "schéma_動物園"."tàble 表" ("ключ") VALUES (3);
INSERT INTO "Zoo ""quoted"" Schema"."Table.with.dots" (v) VALUES ('z');
UPDATE "table" SET "column" = 'still reserved';
SELECT nextval('"Zoo ""quoted"" Schema"."Sequence''s \name"');
-- next transaction
SET search_path = zoo, public;
INSERT INTO by_range (id, day) VALUES (500, '2024-12-31'), (501, '2025-01-01'), (502, '2030-12-31');
-- A row that moves to another partition, one level and two levels deep.
UPDATE by_range SET day = '2024-06-06' WHERE id = 1;
UPDATE multi_level SET region = 'eu', day = '2024-05-05' WHERE id IN (1, 3);
UPDATE by_hash SET id = id + 1000 WHERE id % 5 = 0;
DELETE FROM by_list WHERE id = 2;
INSERT INTO by_list VALUES (9, 'b'), (10, 'a');
UPDATE by_list SET id = 11 WHERE id = 3;
INSERT INTO partial_keys VALUES (2, 'x'), (151, 'y');
INSERT INTO serial_parts (k) VALUES (50);
INSERT INTO identity_parts (k) VALUES (3), (50);
UPDATE animals SET legs = legs + 1;
DELETE FROM ONLY animals WHERE name = 'worm';
DELETE FROM animals WHERE name = 'tiny';
INSERT INTO puppies (name, age) VALUES ('tinier', 0);
DELETE FROM marked WHERE ctid = (SELECT min(ctid) FROM ONLY marked);
-- next transaction
SET search_path = zoo, public;
-- A circle of keys, filled backwards and emptied by a cascade.
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO chicken VALUES (10, 11);
INSERT INTO egg VALUES (11, 10);
DELETE FROM chicken WHERE id = 1;
INSERT INTO tree VALUES (6, 5, 'child first'), (5, 1, NULL);
UPDATE moved_key SET b = 'k3' WHERE b = 'k3!';
INSERT INTO orphaned VALUES (3, 6);
INSERT INTO booked VALUES (2, '[2024-01-01,2024-01-02)', 'new', 4);
UPDATE booked SET during = '[2025-01-01,2025-01-02)' WHERE id = 1;
INSERT INTO ruled VALUES (3, 'c');
DELETE FROM ruled WHERE id = 2;
UPDATE simple_view SET name = 'renamed' WHERE id = 1;
INSERT INTO triggered VALUES (4, 'e');
UPDATE triggered SET t = 'f' WHERE id = 1;
INSERT INTO secrets VALUES (3, 'zoo_keeper', 'c');
-- next transaction
INSERT INTO zoo.vacuumed SELECT n, 'rolled back' FROM generate_series(5000, 5100) AS n;
SELECT nextval('zoo.free_sequence'), nextval('zoo.never_called'), nextval('zoo.cycled'), nextval('zoo.descending'), nextval('zoo.near_the_end'), nextval('zoo.near_the_bottom'), nextval('zoo.cached');
