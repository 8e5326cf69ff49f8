-- What was started, how far it is, and the evidence behind each gate it passed.

CREATE TABLE pgconvoy.run (
  run_id      text PRIMARY KEY,
  kind        text NOT NULL,
  subject     text NOT NULL,
  workflow_id text NOT NULL,
  state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'completed', 'failed', 'aborted')),
  gate        text,
  plan        jsonb,
  plan_hash   text,
  actor       text NOT NULL,
  started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at    timestamptz,
  result      jsonb,
  error       jsonb,
  CHECK ((state = 'running') = (ended_at IS NULL))
);

CREATE INDEX run_by_start ON pgconvoy.run (started_at DESC);

CREATE TABLE pgconvoy.gate (
  run_id   text NOT NULL REFERENCES pgconvoy.run,
  gate     text NOT NULL,
  attempt  integer NOT NULL DEFAULT 1 CHECK (attempt > 0),
  state    text NOT NULL CHECK (state IN ('passed', 'failed', 'skipped', 'reverted')),
  evidence jsonb NOT NULL,
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (run_id, gate, attempt)
);
