INSERT INTO bench.accounts (name, opened, balance)
SELECT initcap(first.word) || ' ' || initcap(second.word) || ' ' || i, date '2010-01-01' + pg_temp.pick(i, 1, 5000), pg_temp.pick(i, 2, 10000000) / 100.0
  FROM generate_series(1, :rows(accounts)) AS i
  JOIN word AS first ON first.id = pg_temp.pick(i, 3, 200)
  JOIN word AS second ON second.id = pg_temp.pick(i, 4, 200)
 ORDER BY i;

INSERT INTO bench.orders (account_id, reference, state, total, created_at, changed_at, remark, attributes)
SELECT 1 + pg_temp.pick_skewed(i, 1, :rows(accounts) - 1), pg_temp.uuid_of(i, 1),
       (enum_range(NULL::bench.order_state))[1 + pg_temp.pick(i, 2, 6)],
       pg_temp.pick(i, 3, 90000000) / 100.0,
       timestamptz '2023-01-01 00:00:00+00' + i * (interval '700 days' / :rows(orders)),
       CASE WHEN i % 4 > 0 THEN timestamptz '2023-01-01 00:00:00+00' + make_interval(secs => pg_temp.pick(i, 4, 80000000) + pg_temp.pick(i, 5, 1000) / 1000.0) END,
       left(prose.body, 20 + pg_temp.pick_skewed(i, 6, 480)),
       jsonb_build_object('channel', (ARRAY['web', 'phone', 'shop', 'partner'])[1 + pg_temp.pick(i, 7, 4)],
         'weight', pg_temp.pick(i, 8, 50000) / 1000.0, 'gift', i % 13 = 0, 'warehouse', pg_temp.pick(i, 9, 40))
  FROM generate_series(1, :rows(orders)) AS i
  JOIN prose ON prose.id = pg_temp.pick(i, 10, 8192)
 ORDER BY i;

INSERT INTO bench.order_lines (order_id, line, article, quantity, price)
SELECT i, line, 'A-' || pg_temp.pick(i * 8 + line, 1, 90000), 1 + pg_temp.pick(i * 8 + line, 2, 9), pg_temp.pick(i * 8 + line, 3, 20000) / 100.0
  FROM generate_series(1, :rows(ordered)) AS i CROSS JOIN LATERAL generate_series(1, 1 + pg_temp.pick(i, 4, 4)) AS line;

INSERT INTO bench.documents (order_id, title, body, stored_at)
SELECT 1 + pg_temp.pick(i, 1, :rows(orders)), 'Document ' || i, string_agg(prose.body, E'\n\n' ORDER BY place),
       timestamptz '2023-01-01 00:00:00+00' + make_interval(secs => pg_temp.pick(i, 2, 60000000))
  FROM generate_series(1, :rows(documents)) AS i
 CROSS JOIN LATERAL generate_series(1, 12 + pg_temp.pick_skewed(i, 3, 150)) AS place
  JOIN prose ON prose.id = pg_temp.pick(i * 256 + place, 4, 8192)
 GROUP BY i
 ORDER BY i;

INSERT INTO bench.sessions (session_id, account_id, started_at, agent, address)
SELECT pg_temp.uuid_of(i, 2), 1 + pg_temp.pick(i, 1, :rows(accounts)), timestamptz '2023-01-01 00:00:00+00' + make_interval(secs => pg_temp.pick(i, 2, 60000000)),
       (ARRAY['Mozilla/5.0 (X11; Linux x86_64)', 'Mozilla/5.0 (Macintosh)', 'curl/8.5.0', 'okhttp/4.12'])[1 + pg_temp.pick(i, 3, 4)],
       inet '10.0.0.0' + pg_temp.pick(i, 4, 16000000)
  FROM generate_series(1, :rows(sessions)) AS i;

INSERT INTO bench.events (account_id, happened_at, kind, reading, payload)
SELECT 1 + pg_temp.pick(i, 1, :rows(accounts)), timestamptz '2023-01-01 00:00:00+00' + i * (interval '730 days' / :rows(events)),
       (ARRAY['login', 'view', 'search', 'buy', 'logout'])[1 + pg_temp.pick(i, 2, 5)],
       pg_temp.pick(i, 3, 1000000) / 7.0,
       CASE WHEN i % 3 = 0 THEN jsonb_build_object('page', pg_temp.pick(i, 4, 900), 'text', left(prose.body, 20 + pg_temp.pick(i, 5, 120))) END
  FROM generate_series(1, :rows(events) - 1) AS i
  LEFT JOIN prose ON i % 3 = 0 AND prose.id = pg_temp.pick(i, 6, 8192)
 ORDER BY i;

DO $$
BEGIN
  FOR number IN 1..300 LOOP
    EXECUTE format('CREATE TABLE bench.%I (id serial PRIMARY KEY, name text NOT NULL UNIQUE, value numeric)', 'small_' || number);
    EXECUTE format('INSERT INTO bench.%I (name, value) SELECT %L || i, i / 3.0 FROM generate_series(1, %s) AS i',
      'small_' || number, 'setting ', pg_temp.pick(number, 1, 200));
  END LOOP;
END
$$;

SELECT count(lo_from_bytea(0, convert_to(repeat(prose.body, 1 + prose.id), 'UTF8'))) FROM prose WHERE prose.id < 40;
SELECT count(nextval('bench.ticket')) FROM generate_series(1, 1234);
