-- What retention has decided to remove from a store: written in the transaction that makes a backup `expiring`, and done only
-- when a listing shows that nothing is left. What could not be deleted stays here and is tried again.

CREATE TABLE pgconvoy.backup_deletion (
  backup_id    text PRIMARY KEY REFERENCES pgconvoy.backup,
  -- The rule of the retention that let it go, and its sentence.
  rule         text NOT NULL,
  reason       text NOT NULL,
  run_id       text NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  attempts     integer NOT NULL DEFAULT 0,
  error        jsonb,
  objects      integer,
  bytes        bigint,
  done_at      timestamptz
);

CREATE INDEX backup_deletion_open ON pgconvoy.backup_deletion (requested_at) WHERE done_at IS NULL;
