-- What a migration copies: too much for a workflow's history, so histories carry numbers and these tables carry the rest.

CREATE TABLE pgconvoy.copy_table (
  run_id     text NOT NULL REFERENCES pgconvoy.run,
  table_no   integer NOT NULL,
  -- Under which slot and snapshot the table is copied; a table that has to be begun anew moves to the next.
  generation integer NOT NULL,
  facts      jsonb NOT NULL,
  PRIMARY KEY (run_id, table_no)
);

CREATE TABLE pgconvoy.copy_unit (
  run_id     text NOT NULL,
  unit_no    integer NOT NULL,
  table_no   integer NOT NULL,
  parcel_no  integer NOT NULL,
  generation integer NOT NULL,
  from_page  bigint,
  to_page    bigint,
  bytes      bigint NOT NULL,
  PRIMARY KEY (run_id, unit_no),
  FOREIGN KEY (run_id, table_no) REFERENCES pgconvoy.copy_table
);

CREATE INDEX copy_unit_by_parcel ON pgconvoy.copy_unit (run_id, parcel_no);

-- The exported snapshot of each generation, and the position of the log where its slot begins.
CREATE TABLE pgconvoy.snapshot (
  run_id        text NOT NULL REFERENCES pgconvoy.run,
  generation    integer NOT NULL,
  snapshot_name text NOT NULL,
  lsn           pg_lsn NOT NULL,
  taken_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (run_id, generation)
);

-- The dump of the schema and other files of a run that a later step, perhaps on another host, needs again.
CREATE TABLE pgconvoy.artifact (
  run_id  text NOT NULL REFERENCES pgconvoy.run,
  name    text NOT NULL,
  content bytea NOT NULL,
  made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (run_id, name)
);
