-- What was backed up, what became of it, and who works with it now.

CREATE TABLE pgconvoy.backup (
  backup_id       text PRIMARY KEY,
  -- No reference to run: a backup that is found in a store may be older than this catalog.
  run_id          text NOT NULL,
  policy          text,
  server          text NOT NULL,
  system_id       text,
  database        text NOT NULL,
  store           text NOT NULL,
  prefix          text NOT NULL,
  state           text NOT NULL DEFAULT 'created' CHECK (state IN ('created', 'dumped', 'stored', 'proven', 'rejected', 'failed', 'expiring', 'deleted')),
  -- The data key under the key of the inventory that key_id names. Not a secret.
  wrapped_key     text,
  key_id          text,
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  snapshot_at     timestamptz,
  snapshot_lsn    pg_lsn,
  stored_at       timestamptz,
  proven_at       timestamptz,
  stored_bytes    bigint,
  raw_bytes       bigint,
  rows            bigint,
  manifest_sha256 text,
  dump_seconds    double precision,
  restore_seconds double precision,
  hold            jsonb,
  error           jsonb,
  -- One run makes one backup of a database, however often its steps are repeated.
  UNIQUE (run_id, server, database),
  UNIQUE (store, prefix),
  CHECK ((wrapped_key IS NULL) = (key_id IS NULL))
);

CREATE INDEX backup_by_policy ON pgconvoy.backup (policy, created_at DESC);

CREATE TABLE pgconvoy.backup_proof (
  backup_id text NOT NULL REFERENCES pgconvoy.backup,
  run_id    text NOT NULL,
  verdict   text NOT NULL CHECK (verdict IN ('proven', 'rejected')),
  evidence  jsonb NOT NULL,
  seconds   jsonb NOT NULL,
  signature text,
  at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (backup_id, run_id)
);

-- Who works with a policy or a backup. `alone` keeps everybody else out; `together` keeps out only those who want it alone.
CREATE TABLE pgconvoy.backup_lock (
  object      text NOT NULL,
  run_id      text NOT NULL,
  workflow_id text NOT NULL,
  mode        text NOT NULL CHECK (mode IN ('alone', 'together')),
  purpose     text NOT NULL,
  taken_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (object, run_id)
);
