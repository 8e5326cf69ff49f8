-- The steps of a cutover window, written as they are taken: whoever takes over after a crash reads here how far it was.

CREATE TABLE pgconvoy.cutover_step (
  run_id  text NOT NULL REFERENCES pgconvoy.run,
  attempt integer NOT NULL,
  step    text NOT NULL,
  facts   jsonb NOT NULL,
  at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (run_id, attempt, step)
);
