import type pg from 'pg';

import { requestOf } from './write-record.ts';

/** What the shop has for rent; asked once, it does not change. */
export interface Stock {
  readonly customers: number;
  readonly inventory: number;
  readonly staff: number;
}

export async function readStock(client: pg.Client): Promise<Stock> {
  const { rows } = await client.query<Stock>(`
    SELECT (SELECT count(*)::integer FROM shop.customers) AS customers,
           (SELECT count(*)::integer FROM shop.inventory) AS inventory,
           (SELECT count(*)::integer FROM shop.staff) AS staff`);
  return rows[0] as Stock;
}

const RENT = `
  WITH rental AS (
    INSERT INTO shop.rentals (customer_id, inventory_id, staff_id, rented_at, due_at, price, request)
    VALUES ($1, $2, $3, now(), now() + interval '3 days', $4, $5)
    RETURNING rental_id, customer_id, rented_at, price
  ), payment AS (
    INSERT INTO shop.payments (rental_id, customer_id, paid_at, amount, method)
    SELECT rental_id, customer_id, rented_at, price, 'card' FROM rental
  ), stock AS (
    UPDATE shop.inventory SET times_rented = times_rented + 1 WHERE inventory_id = $2
  ), brought_back AS (
    UPDATE shop.rentals SET returned_at = now(), status = 'returned' WHERE request = $6
  )
  INSERT INTO shop.write_ledger (writer, n) VALUES ($7, $8)`;

const FILL_CART = `
  INSERT INTO shop.carts (cart_id, customer_id, items, touched_at) VALUES (md5($1)::uuid, $2, jsonb_build_array($3::integer), now())
  ON CONFLICT (cart_id) DO UPDATE SET items = carts.items || excluded.items, touched_at = excluded.touched_at`;

const FORGET_CART = 'DELETE FROM shop.carts WHERE cart_id = md5($1)::uuid';

/** Rentals come back this many transactions later. */
const RETURNED_AFTER = 20;

/** A writer fills its carts in turn and forgets them all once per cycle: carts that grow for ever would take over the load. */
const CARTS = 5;
const CART_CYCLE = 20;

/** Everything of one rental but its COMMIT: the caller has to know whether the error came before it. */
export async function rentFilm(client: pg.Client, stock: Stock, { writer, n }: { writer: number; n: number }): Promise<void> {
  const oneOf = (count: number): number => 1 + Math.floor(Math.random() * count);
  const customer = oneOf(stock.customers);
  const inventory = oneOf(stock.inventory);
  const cart = `cart of writer ${writer} number ${n % CARTS}`;
  await client.query('BEGIN');
  await client.query(RENT, [customer, inventory, oneOf(stock.staff), 0.99 + (n % 7), requestOf({ writer, n }), requestOf({ writer, n: n - RETURNED_AFTER }), writer, n]);
  if (n % CART_CYCLE < CARTS) await client.query(FORGET_CART, [cart]);
  else await client.query(FILL_CART, [cart, customer, inventory]);
}
