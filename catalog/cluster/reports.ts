/**
 * Where agents and those who decide meet. Who decides begins a round, and remembers on its own clock when; an agent says with each word the round it had
 * heard of before it looked. So no clock of another machine is ever compared: a word of round 7 is not older than the question of round 7.
 */
import { toJson } from '../../domain/canonical-json.ts';
import type { AgentReport } from '../../domain/cluster/node-facts.ts';
import type { Sighting } from '../../domain/cluster/sighting.ts';
import type { TimelineHistory } from '../../domain/cluster/timeline.ts';
import type { Session } from '../../postgres/connection.ts';
import type { Catalog } from '../open-catalog.ts';

/** A round has begun: agents look at once and answer. Its payload is the name of the cluster, a blank and the number of the round. */
export const ROUND_CHANNEL = 'pgconvoy_round';
/** An agent has something to say that cannot wait, or has answered. Its payload is the name of the cluster. */
export const WORD_CHANNEL = 'pgconvoy_word';

/** Begins a round, and gives its number. Remember the moment *before* the call. */
export async function beginRound(session: Session, cluster: string): Promise<number> {
  const { round } = await session.row<{ round: number }>(
    `WITH begun AS (
       INSERT INTO pgconvoy.cluster_round AS known (cluster, round) VALUES ($1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
       ON CONFLICT (cluster) DO UPDATE SET round = known.round + 1
       RETURNING round)
     SELECT begun.round::float8 AS round, pg_catalog.pg_notify('${ROUND_CHANNEL}', $1 || ' ' || begun.round) FROM begun`,
    [cluster],
  );
  return round;
}

export interface Surroundings {
  /** The newest round; 0 when nobody has ever asked. */
  readonly round: number;
  /** Who has spoken within the last second, by the catalog's clock. */
  readonly speakers: readonly string[];
}

/** What an agent asks before it looks. */
export const hearAround = (session: Session, cluster: string): Promise<Surroundings> =>
  session.row<Surroundings>(
    `SELECT coalesce((SELECT round FROM pgconvoy.cluster_round WHERE cluster = $1), 0)::float8 AS round,
       ARRAY(SELECT node FROM pgconvoy.cluster_report WHERE cluster = $1 AND at > clock_timestamp() - interval '1 s'
             UNION SELECT observer FROM pgconvoy.cluster_sighting WHERE cluster = $1 AND at > clock_timestamp() - interval '1 s' ORDER BY 1) AS speakers`,
    [cluster],
  );

export interface NodeWord {
  readonly cluster: string;
  /** The newest round that was known before the agent looked. */
  readonly round: number;
  readonly report: AgentReport;
  readonly history: TimelineHistory | null;
}

export async function publishReport(session: Session, { cluster, round, report, history }: NodeWord): Promise<void> {
  await session.execute(
    `WITH said AS (
       INSERT INTO pgconvoy.cluster_report AS known (node, cluster, round, report, history, serving, serving_history)
       SELECT $1::text, $2::text, $3::bigint, $4::jsonb, $5::jsonb, CASE WHEN $6::boolean THEN $4::jsonb END, CASE WHEN $6 THEN $5::jsonb END
       ON CONFLICT (node) DO UPDATE
       SET cluster = excluded.cluster, round = excluded.round, report = excluded.report, history = excluded.history, at = clock_timestamp(),
           serving = coalesce(excluded.serving, known.serving),
           serving_history = CASE WHEN excluded.serving IS NULL THEN known.serving_history ELSE excluded.serving_history END
       RETURNING 1)
     SELECT pg_catalog.pg_notify('${WORD_CHANNEL}', $2) FROM said`,
    [report.node, cluster, round, JSON.stringify(toJson(report)), history === null ? null : JSON.stringify(toJson(history)), 'ok' in report.server && !report.server.ok.inRecovery],
  );
}

export interface SightingWord {
  readonly cluster: string;
  readonly observer: string;
  readonly machine: string;
  readonly round: number;
  readonly sighting: Sighting;
}

export async function publishSighting(session: Session, { cluster, observer, machine, round, sighting }: SightingWord): Promise<void> {
  await session.execute(
    `WITH said AS (
       INSERT INTO pgconvoy.cluster_sighting (observer, subject, cluster, machine, round, sighting) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (observer, subject) DO UPDATE SET cluster = excluded.cluster, machine = excluded.machine, round = excluded.round, sighting = excluded.sighting, at = clock_timestamp()
       RETURNING 1)
     SELECT pg_catalog.pg_notify('${WORD_CHANNEL}', $3) FROM said`,
    [observer, sighting.subject, cluster, machine, round, JSON.stringify(toJson(sighting))],
  );
}

export interface Words {
  readonly reports: readonly NodeWord[];
  readonly sightings: readonly SightingWord[];
}

/** The last word of everybody about a cluster. */
export async function readWords(session: Session, cluster: string): Promise<Words> {
  const reports = await session.rows<NodeWord>('SELECT cluster, round::float8 AS round, report, history FROM pgconvoy.cluster_report WHERE cluster = $1 ORDER BY node', [cluster]);
  const sightings = await session.rows<SightingWord>('SELECT cluster, observer, machine, round::float8 AS round, sighting FROM pgconvoy.cluster_sighting WHERE cluster = $1 ORDER BY observer, subject', [cluster]);
  return { reports, sightings };
}

export const wordsOf = (catalog: Catalog, cluster: string): Promise<Words> => catalog.sessions.use((session) => readWords(session, cluster));
