-- Clusters: which nodes there are, who may promote in which epoch, who works on a cluster, and what its agents last said.

CREATE TABLE pgconvoy.cluster (
  cluster           text PRIMARY KEY,
  system_identifier text NOT NULL,
  created_at        timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A node as it is registered; the declaration holds its role and its upstream.
CREATE TABLE pgconvoy.cluster_node (
  node          text PRIMARY KEY,
  cluster       text NOT NULL REFERENCES pgconvoy.cluster,
  declaration   jsonb NOT NULL,
  version       integer NOT NULL DEFAULT 1,
  registered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX cluster_node_by_cluster ON pgconvoy.cluster_node (cluster);

-- The fencing tokens. An operation has one epoch, and in an epoch one node may be promoted.
CREATE TABLE pgconvoy.cluster_epoch (
  cluster     text NOT NULL REFERENCES pgconvoy.cluster,
  epoch       integer NOT NULL CHECK (epoch > 0),
  operation   text NOT NULL,
  reserved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  node        text,
  claimed_at  timestamptz,
  PRIMARY KEY (cluster, epoch),
  UNIQUE (cluster, operation),
  CHECK ((node IS NULL) = (claimed_at IS NULL))
);

-- Who works on a cluster: one at a time.
CREATE TABLE pgconvoy.cluster_lock (
  cluster     text PRIMARY KEY REFERENCES pgconvoy.cluster,
  operation   text NOT NULL,
  workflow_id text NOT NULL,
  purpose     text NOT NULL,
  taken_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE pgconvoy.cluster_pause (
  cluster    text PRIMARY KEY REFERENCES pgconvoy.cluster,
  owner      text NOT NULL,
  reason     text NOT NULL,
  operation  text,
  paused_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  for_ms     bigint NOT NULL CHECK (for_ms > 0),
  resumed_at timestamptz
);

CREATE TABLE pgconvoy.cluster_role_change (
  cluster   text NOT NULL REFERENCES pgconvoy.cluster,
  epoch     integer NOT NULL,
  operation text NOT NULL,
  from_node text,
  to_node   text NOT NULL,
  automatic boolean NOT NULL,
  timeline  integer,
  at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (cluster, epoch)
);

-- The journal of a run on a cluster: each step's intent before it is tried, and its result.
CREATE TABLE pgconvoy.cluster_step (
  run_id text NOT NULL REFERENCES pgconvoy.run,
  seq    bigint GENERATED ALWAYS AS IDENTITY,
  step   text NOT NULL,
  phase  text NOT NULL CHECK (phase IN ('intent', 'done', 'failed', 'undo-intent', 'undone', 'undo-failed')),
  facts  jsonb NOT NULL,
  at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (run_id, seq)
);

-- What is only true now. After a crash of the catalog nothing of it has an age any more, so nothing of it is kept.
CREATE UNLOGGED TABLE pgconvoy.cluster_round (
  cluster text PRIMARY KEY,
  round   bigint NOT NULL
) WITH (fillfactor = 50);

CREATE UNLOGGED TABLE pgconvoy.cluster_report (
  node    text PRIMARY KEY,
  cluster text NOT NULL,
  round   bigint NOT NULL,
  report  jsonb NOT NULL,
  history jsonb,
  at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- The last report that was of a primary: what is known of it once its server does not answer any more.
  serving         jsonb,
  serving_history jsonb
) WITH (fillfactor = 50);

CREATE UNLOGGED TABLE pgconvoy.cluster_sighting (
  observer text NOT NULL,
  subject  text NOT NULL,
  cluster  text NOT NULL,
  machine  text NOT NULL,
  round    bigint NOT NULL,
  sighting jsonb NOT NULL,
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (observer, subject)
) WITH (fillfactor = 50);

-- When the watcher of a cluster saw all well: a watcher that takes over has not seen it itself.
CREATE UNLOGGED TABLE pgconvoy.cluster_well (
  cluster      text PRIMARY KEY,
  primary_node text NOT NULL,
  redundant    boolean NOT NULL,
  at           timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);
