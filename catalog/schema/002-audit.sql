-- Who did what, in a chain: each row holds the hash of the one before it. `audit_head` holds the end of the chain: its
-- row lock lets one writer append at a time, so the chain never forks, and cutting rows off the end shows.

CREATE TABLE pgconvoy.audit (
  seq           bigint PRIMARY KEY,
  event_id      text NOT NULL UNIQUE,
  at            timestamptz NOT NULL,
  actor         text NOT NULL,
  action        text NOT NULL,
  object        text NOT NULL,
  run_id        text,
  detail        jsonb NOT NULL,
  result        text NOT NULL,
  previous_hash text NOT NULL,
  hash          text NOT NULL
);

CREATE INDEX audit_by_run ON pgconvoy.audit (run_id, seq) WHERE run_id IS NOT NULL;

CREATE TABLE pgconvoy.audit_head (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  seq      bigint NOT NULL,
  hash     text NOT NULL
);

INSERT INTO pgconvoy.audit_head (seq, hash) VALUES (0, repeat('0', 64));

CREATE FUNCTION pgconvoy.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit is append-only: % on pgconvoy.% is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION pgconvoy.refuse_jump() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.seq <> OLD.seq + 1 THEN
    RAISE EXCEPTION 'the head of the audit moves one row at a time' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pgconvoy.audit
  FOR EACH STATEMENT EXECUTE FUNCTION pgconvoy.refuse_change();

CREATE TRIGGER never_removed BEFORE DELETE OR TRUNCATE ON pgconvoy.audit_head
  FOR EACH STATEMENT EXECUTE FUNCTION pgconvoy.refuse_change();

CREATE TRIGGER only_forward BEFORE UPDATE ON pgconvoy.audit_head
  FOR EACH ROW EXECUTE FUNCTION pgconvoy.refuse_jump();

-- ALWAYS: otherwise session_replication_role = replica would switch them off without a trace.
ALTER TABLE pgconvoy.audit ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE pgconvoy.audit_head ENABLE ALWAYS TRIGGER never_removed;
ALTER TABLE pgconvoy.audit_head ENABLE ALWAYS TRIGGER only_forward;
