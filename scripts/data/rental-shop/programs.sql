CREATE FUNCTION shop.touch_last_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.last_update := now();
  RETURN NEW;
END
$$;
CREATE TRIGGER customers_last_update BEFORE UPDATE ON shop.customers FOR EACH ROW EXECUTE FUNCTION shop.touch_last_update();
CREATE TRIGGER films_last_update BEFORE UPDATE ON shop.films FOR EACH ROW EXECUTE FUNCTION shop.touch_last_update();
CREATE TRIGGER inventory_last_update BEFORE UPDATE ON shop.inventory FOR EACH ROW EXECUTE FUNCTION shop.touch_last_update();
CREATE TRIGGER rentals_last_update BEFORE UPDATE ON shop.rentals FOR EACH ROW EXECUTE FUNCTION shop.touch_last_update();
CREATE TRIGGER films_search BEFORE INSERT OR UPDATE OF title, description ON shop.films
  FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger(search, 'pg_catalog.english', title, description);
ALTER TABLE shop.customers DISABLE TRIGGER customers_last_update;

CREATE FUNCTION shop.in_stock(wanted integer) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT NOT EXISTS (SELECT FROM shop.rentals WHERE inventory_id = wanted AND returned_at IS NULL)
$$;
CREATE FUNCTION shop.balance(customer integer, until timestamptz DEFAULT now()) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT sum(price) FROM shop.rentals WHERE customer_id = customer AND rented_at <= until), 0)
       - coalesce((SELECT sum(amount) FROM shop.payments WHERE customer_id = customer AND paid_at <= until), 0)
$$;
CREATE PROCEDURE shop.forget_carts(older_than interval) LANGUAGE sql AS $$
  DELETE FROM shop.carts WHERE touched_at < now() - older_than
$$;
CREATE AGGREGATE shop.longest(text) (sfunc = textcat, stype = text, initcond = '');

CREATE VIEW shop.film_list AS
SELECT film.film_id, film.title, film.rating, film.rate, string_agg(actor.name, ', ' ORDER BY role.billing) AS actors
  FROM shop.films AS film
  LEFT JOIN shop.film_actor AS role USING (film_id)
  LEFT JOIN shop.actors AS actor USING (actor_id)
 GROUP BY film.film_id;
CREATE VIEW shop.open_rentals WITH (security_barrier) AS
SELECT * FROM shop.rentals WHERE returned_at IS NULL WITH LOCAL CHECK OPTION;
CREATE VIEW reporting.best_customers AS
SELECT customer.name, sum(payment.amount) AS total
  FROM shop.payments AS payment JOIN shop.customers AS customer USING (customer_id)
 GROUP BY customer.customer_id;

CREATE MATERIALIZED VIEW reporting.sales_by_month AS
SELECT date_trunc('month', paid_at AT TIME ZONE 'UTC') AS month, method, sum(amount) AS total, count(*) AS payments
  FROM shop.payments
 WHERE paid_at < '2025-01-01 00:00:00+00'
 GROUP BY 1, 2;
CREATE UNIQUE INDEX sales_by_month_key ON reporting.sales_by_month (month, method);

COMMENT ON TABLE shop.rentals IS 'One row per film that left the shop';
COMMENT ON COLUMN shop.rentals.receipt IS 'Counts in fives; the others belong to the tills';
COMMENT ON SCHEMA reporting IS 'Read by the office; nothing here is written by the application';

GRANT USAGE ON SCHEMA shop TO shop_app, shop_report;
GRANT USAGE ON SCHEMA reporting TO shop_report;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA shop TO shop_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA shop TO shop_app;
GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO shop_report;
GRANT SELECT (customer_id, name, since) ON shop.customers TO shop_report;
REVOKE EXECUTE ON FUNCTION shop.balance FROM PUBLIC;
GRANT EXECUTE ON FUNCTION shop.balance TO shop_report;
ALTER DEFAULT PRIVILEGES IN SCHEMA reporting GRANT SELECT ON TABLES TO shop_report;
