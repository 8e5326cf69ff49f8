-- What happens in the shop: rentals (the giant), their payments, reviews, carts.

INSERT INTO shop.rentals (customer_id, inventory_id, staff_id, rented_at, due_at, returned_at, status, price, note, last_update)
SELECT 1 + pg_temp.pick_skewed(i, 1, :rows(customers) - 1), 1 + pg_temp.pick(i, 2, :rows(inventory)), 1 + pg_temp.pick(i, 3, :rows(staff)),
       rented_at, rented_at + interval '3 days',
       CASE WHEN i % 20 > 0 THEN rented_at + make_interval(mins => pg_temp.pick(i, 4, 7200)) END,
       CASE WHEN i % 20 > 0 THEN 'returned' WHEN i % 60 = 0 THEN 'lost' ELSE 'late' END::shop.rental_status,
       0.99 + pg_temp.pick(i, 5, 600) / 100.0,
       CASE WHEN i % 3 = 0 THEN left(prose.body, 40 + pg_temp.pick(i, 6, 260)) END,
       rented_at
  FROM (SELECT i, timestamptz '2024-01-01 00:00:00+00' + i * (interval '30 months' / :rows(rentals)) + make_interval(secs => pg_temp.pick(i, 7, 90000) / 1000.0) AS rented_at
          FROM generate_series(1, :rows(rentals)) AS i) AS rental
  LEFT JOIN prose ON i % 3 = 0 AND prose.id = pg_temp.pick(i, 8, 8192)
 ORDER BY i;

INSERT INTO shop.payments (rental_id, customer_id, paid_at, amount, method)
SELECT rental_id, customer_id, rented_at + make_interval(mins => pg_temp.pick(rental_id, 1, 60)), price,
       (ARRAY['card', 'card', 'card', 'cash', 'voucher'])[1 + pg_temp.pick(rental_id, 2, 5)]
  FROM shop.rentals
 ORDER BY rental_id;

INSERT INTO shop.reviews (film_id, customer_id, stars, body, attributes, written_at)
SELECT 1 + pg_temp.pick_skewed(i, 1, :rows(films) - 1), 1 + pg_temp.pick_skewed(i, 2, :rows(customers) - 1), 1 + pg_temp.pick(i, 3, 5),
       string_agg(prose.body, E'\n' ORDER BY place),
       jsonb_build_object('helpful', pg_temp.pick(i, 4, 500), 'language', (ARRAY['en', 'de', 'fr', 'es'])[1 + pg_temp.pick(i, 5, 4)],
         'tags', to_jsonb((ARRAY['slow', 'funny', 'sad', 'classic', 'loud', 'long'])[pg_temp.pick(i, 6, 4):pg_temp.pick(i, 7, 7)]),
         'device', jsonb_build_object('id', pg_temp.uuid_of(i, 1), 'seconds', pg_temp.pick(i, 8, 100000) / 7.0)),
       timestamptz '2024-01-01 00:00:00+00' + make_interval(secs => pg_temp.pick(i, 9, 70000000))
  FROM generate_series(1, :rows(reviews)) AS i
 CROSS JOIN LATERAL generate_series(1, 1 + pg_temp.pick_skewed(i, 10, 14)) AS place
  JOIN prose ON prose.id = pg_temp.pick(i * 16 + place, 11, 8192)
 GROUP BY i
 ORDER BY i;

INSERT INTO shop.carts (cart_id, customer_id, items, touched_at)
SELECT pg_temp.uuid_of(i, 2), 1 + pg_temp.pick(i, 1, :rows(customers)),
       jsonb_build_array(jsonb_build_object('inventory', pg_temp.pick(i, 2, :rows(inventory)), 'days', 1 + i % 5)),
       timestamptz '2024-01-01 00:00:00+00' + make_interval(secs => pg_temp.pick(i, 3, 30000000))
  FROM generate_series(1, :rows(carts)) AS i;
