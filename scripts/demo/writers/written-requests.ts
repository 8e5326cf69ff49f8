import type { Session } from '../../../postgres/connection.ts';
import type { RequestRow } from './judge.ts';

/** Every transaction of the writers that has left a trace in the rental shop of this session. */
export function readWrittenRequests(session: Session): Promise<RequestRow[]> {
  return session.rows<RequestRow>(`
    SELECT request, coalesce(entries, 0) AS entries, coalesce(rentals, 0) AS rentals, coalesce(payments, 0) AS payments
      FROM (SELECT writer || '/' || n AS request, count(*) AS entries FROM shop.write_ledger GROUP BY 1) AS ledger
      FULL JOIN (
        SELECT rental.request, count(DISTINCT rental.rental_id) AS rentals, count(payment.payment_id) AS payments
          FROM shop.rentals AS rental LEFT JOIN shop.payments AS payment USING (rental_id)
         WHERE rental.request IS NOT NULL
         GROUP BY 1
      ) AS rental USING (request)`);
}
