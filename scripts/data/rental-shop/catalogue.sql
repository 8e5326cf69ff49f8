-- Films, actors, stores, people: all that a rental points to. The loader puts the number of rows for the wanted size where `rows(…)` stands.

INSERT INTO shop.addresses (street, city, postcode, location, phones)
SELECT (1 + pg_temp.pick(i, 1, 240)) || ' ' || initcap(street.word) || ' Street',
       initcap(city.word) || CASE WHEN i % 3 = 0 THEN ' upon Sea' ELSE '' END,
       lpad(pg_temp.pick(i, 2, 100000)::text, 5, '0'),
       CASE WHEN i % 7 > 0 THEN (pg_temp.pick(i, 3, 180000) / 1000.0 - 90, pg_temp.pick(i, 4, 360000) / 997.0 - 180)::shop.place END,
       CASE WHEN i % 4 = 0 THEN '{}' ELSE ARRAY['+49 30 ' || pg_temp.pick(i, 5, 9999999)] END
  FROM generate_series(1, :rows(addresses)) AS i
  JOIN word AS street ON street.id = pg_temp.pick(i, 6, 200)
  JOIN word AS city ON city.id = pg_temp.pick(i, 7, 200)
 ORDER BY i;

INSERT INTO shop.stores (address_id, open_days)
SELECT i, int4range(1, 6 + i % 2) FROM generate_series(1, :rows(stores)) AS i;

INSERT INTO shop.staff (store_id, name, picture, active)
SELECT 1 + i % :rows(stores), initcap(word.word) || ' ' || chr(65 + i % 26) || '.',
       CASE WHEN i % 3 = 0 THEN decode(repeat(md5(i::text), 40), 'hex') END, i % 11 > 0
  FROM generate_series(1, :rows(staff)) AS i
  JOIN word ON word.id = pg_temp.pick(i, 1, 200)
 ORDER BY i;

INSERT INTO shop.customers (store_id, address_id, name, email, loyalty, since, last_update)
SELECT 1 + pg_temp.pick(i, 1, :rows(stores)), 1 + pg_temp.pick(i, 2, :rows(addresses)),
       initcap(first.word) || ' ' || initcap(second.word),
       'Customer.' || i || '@' || second.word || '.example',
       pg_temp.pick(i, 3, 1000) / 7.0::real,
       date '2015-01-01' + pg_temp.pick(i, 4, 3600),
       timestamptz '2025-01-01 00:00:00+00'
  FROM generate_series(1, :rows(customers)) AS i
  JOIN word AS first ON first.id = pg_temp.pick(i, 5, 200)
  JOIN word AS second ON second.id = pg_temp.pick(i, 6, 200)
 ORDER BY i;

INSERT INTO shop.actors (name, born)
SELECT initcap(first.word) || ' ' || initcap(second.word), CASE WHEN i % 5 > 0 THEN date '1930-01-01' + pg_temp.pick(i, 1, 26000) END
  FROM generate_series(1, :rows(actors)) AS i
  JOIN word AS first ON first.id = pg_temp.pick(i, 2, 200)
  JOIN word AS second ON second.id = pg_temp.pick(i, 3, 200)
 ORDER BY i;

INSERT INTO shop.films (title, description, released, rating, rate, runtime, features, search, last_update)
SELECT initcap(first.word || ' ' || second.word) || CASE WHEN i % 9 = 0 THEN ' II' ELSE '' END,
       prose.body, 1930 + pg_temp.pick(i, 1, 95),
       (enum_range(NULL::shop.film_rating))[1 + pg_temp.pick(i, 2, 5)],
       0.99 + pg_temp.pick(i, 3, 6), make_interval(mins => 60 + pg_temp.pick(i, 4, 120)),
       (ARRAY['trailers', 'commentary', 'deleted scenes', 'behind the scenes'])[1:pg_temp.pick(i, 5, 5)],
       to_tsvector('pg_catalog.english', first.word || ' ' || second.word || ' ' || prose.body),
       timestamptz '2025-01-01 00:00:00+00'
  FROM generate_series(1, :rows(films)) AS i
  JOIN word AS first ON first.id = pg_temp.pick(i, 6, 200)
  JOIN word AS second ON second.id = pg_temp.pick(i, 7, 200)
  JOIN prose ON prose.id = pg_temp.pick(i, 8, 8192)
 ORDER BY i;

INSERT INTO shop.film_actor (film_id, actor_id, billing)
SELECT film_id, actor_id, row_number() OVER (PARTITION BY film_id ORDER BY actor_id)
  FROM (SELECT DISTINCT i AS film_id, 1 + pg_temp.pick(i * 16 + place, 1, :rows(actors)) AS actor_id
          FROM generate_series(1, :rows(films)) AS i CROSS JOIN generate_series(1, 5) AS place) AS cast_list
 ORDER BY film_id, actor_id;

INSERT INTO shop.film_scripts (film_id, body)
SELECT i, string_agg(prose.body, E'\n\n' ORDER BY place)
  FROM generate_series(1, :rows(film_scripts)) AS i
 CROSS JOIN LATERAL generate_series(1, 20 + pg_temp.pick(i, 1, 160)) AS place
  JOIN prose ON prose.id = pg_temp.pick(i * 256 + place, 2, 8192)
 GROUP BY i
 ORDER BY i;

INSERT INTO shop.inventory (film_id, store_id, times_rented, last_update)
SELECT 1 + pg_temp.pick_skewed(i, 1, :rows(films) - 1), 1 + pg_temp.pick(i, 2, :rows(stores)), pg_temp.pick(i, 3, 40), timestamptz '2025-01-01 00:00:00+00'
  FROM generate_series(1, :rows(inventory)) AS i;
