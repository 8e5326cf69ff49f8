ALTER TABLE shop.addresses ADD PRIMARY KEY (address_id);
ALTER TABLE shop.stores ADD PRIMARY KEY (store_id);
ALTER TABLE shop.staff ADD PRIMARY KEY (staff_id);
ALTER TABLE shop.customers ADD PRIMARY KEY (customer_id);
ALTER TABLE shop.actors ADD PRIMARY KEY (actor_id);
ALTER TABLE shop.films ADD PRIMARY KEY (film_id);
ALTER TABLE shop.film_actor ADD PRIMARY KEY (film_id, actor_id);
ALTER TABLE shop.film_scripts ADD PRIMARY KEY (film_id);
ALTER TABLE shop.inventory ADD PRIMARY KEY (inventory_id);
ALTER TABLE shop.rentals ADD PRIMARY KEY (rental_id);
ALTER TABLE shop.payments ADD PRIMARY KEY (payment_id, paid_at);
ALTER TABLE shop.reviews ADD PRIMARY KEY (review_id);
ALTER TABLE shop.carts ADD PRIMARY KEY (cart_id);

CREATE UNIQUE INDEX customers_email ON shop.customers (lower(email));
CREATE INDEX actors_name ON shop.actors (name text_pattern_ops);
CREATE INDEX films_search ON shop.films USING gin (search);
CREATE INDEX films_features ON shop.films USING gin (features);
CREATE INDEX film_actor_actor ON shop.film_actor (actor_id) INCLUDE (billing);
CREATE INDEX inventory_film ON shop.inventory (store_id, film_id);
CREATE INDEX rentals_customer ON shop.rentals (customer_id, rented_at DESC);
CREATE INDEX rentals_inventory ON shop.rentals (inventory_id);
CREATE INDEX rentals_overdue ON shop.rentals (due_at) WHERE returned_at IS NULL;
CREATE INDEX rentals_day ON shop.rentals (((rented_at AT TIME ZONE 'UTC')::date));
CREATE UNIQUE INDEX rentals_request ON shop.rentals (request) WHERE request IS NOT NULL;
CREATE INDEX payments_rental ON shop.payments (rental_id);
CREATE INDEX reviews_attributes ON shop.reviews USING gin (attributes jsonb_path_ops);
CREATE INDEX reviews_film ON shop.reviews (film_id, stars);
CREATE INDEX carts_touched ON shop.carts USING brin (touched_at);
CREATE STATISTICS shop.rentals_staff_price (dependencies) ON staff_id, price FROM shop.rentals;

ALTER TABLE shop.stores ADD FOREIGN KEY (address_id) REFERENCES shop.addresses;
ALTER TABLE shop.staff ADD FOREIGN KEY (store_id) REFERENCES shop.stores;
ALTER TABLE shop.customers ADD FOREIGN KEY (store_id) REFERENCES shop.stores, ADD FOREIGN KEY (address_id) REFERENCES shop.addresses;
ALTER TABLE shop.film_actor ADD FOREIGN KEY (film_id) REFERENCES shop.films ON DELETE CASCADE, ADD FOREIGN KEY (actor_id) REFERENCES shop.actors;
ALTER TABLE shop.film_scripts ADD FOREIGN KEY (film_id) REFERENCES shop.films ON DELETE CASCADE;
ALTER TABLE shop.inventory ADD FOREIGN KEY (film_id) REFERENCES shop.films, ADD FOREIGN KEY (store_id) REFERENCES shop.stores;
ALTER TABLE shop.rentals
  ADD FOREIGN KEY (customer_id) REFERENCES shop.customers,
  ADD FOREIGN KEY (inventory_id) REFERENCES shop.inventory,
  ADD FOREIGN KEY (staff_id) REFERENCES shop.staff DEFERRABLE INITIALLY DEFERRED,
  ADD CHECK (due_at > rented_at);
ALTER TABLE shop.payments ADD FOREIGN KEY (rental_id) REFERENCES shop.rentals;
ALTER TABLE shop.reviews ADD FOREIGN KEY (film_id) REFERENCES shop.films, ADD FOREIGN KEY (customer_id) REFERENCES shop.customers;
ALTER TABLE shop.carts ADD FOREIGN KEY (customer_id) REFERENCES shop.customers ON DELETE CASCADE NOT VALID;
