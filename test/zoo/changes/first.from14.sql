SET search_path = zoo, public;
INSERT INTO multiranges SELECT id + 100, i, big, n, ts, tstz, d, f, fs, s, x, rc FROM multiranges WHERE id < 100;
INSERT INTO compressions SELECT id + 100, a, b FROM compressions WHERE id < 100;
UPDATE blind SET t = 'ABC' WHERE id = 1;
