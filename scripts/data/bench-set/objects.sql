ALTER TABLE bench.accounts ADD PRIMARY KEY (account_id);
ALTER TABLE bench.orders ADD PRIMARY KEY (order_id);
ALTER TABLE bench.order_lines ADD PRIMARY KEY (order_id, line);
ALTER TABLE bench.documents ADD PRIMARY KEY (document_id);
ALTER TABLE bench.sessions ADD PRIMARY KEY (session_id);
ALTER TABLE bench.events ADD PRIMARY KEY (event_id, happened_at);

CREATE INDEX orders_created ON bench.orders (created_at);
CREATE INDEX orders_reference ON bench.orders (reference);
CREATE INDEX orders_account ON bench.orders (account_id, state, created_at DESC);
CREATE INDEX orders_attributes ON bench.orders USING gin (attributes jsonb_path_ops);
CREATE INDEX documents_order ON bench.documents (order_id);
CREATE INDEX sessions_account ON bench.sessions (account_id);
CREATE INDEX events_account ON bench.events (account_id, happened_at);

ALTER TABLE bench.orders ADD FOREIGN KEY (account_id) REFERENCES bench.accounts;
ALTER TABLE bench.order_lines ADD FOREIGN KEY (order_id) REFERENCES bench.orders;
ALTER TABLE bench.documents ADD FOREIGN KEY (order_id) REFERENCES bench.orders;
ALTER TABLE bench.sessions ADD FOREIGN KEY (account_id) REFERENCES bench.accounts;
ALTER TABLE bench.events ADD FOREIGN KEY (account_id) REFERENCES bench.accounts;

CREATE FUNCTION bench.note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed_at := now();
  RETURN NEW;
END
$$;
CREATE TRIGGER orders_note_change BEFORE UPDATE ON bench.orders FOR EACH ROW EXECUTE FUNCTION bench.note_change();

CREATE FUNCTION bench.turnover(account integer) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(total), 0) FROM bench.orders WHERE account_id = account AND state <> 'cancelled'
$$;

CREATE VIEW bench.open_orders AS SELECT * FROM bench.orders WHERE state IN ('open', 'paid', 'packed');
CREATE VIEW bench.busy_accounts AS
SELECT account.account_id, account.name, count(*) AS orders
  FROM bench.accounts AS account JOIN bench.orders USING (account_id)
 GROUP BY account.account_id
HAVING count(*) > 100;
