import type { Catalog } from '../open-catalog.ts';

/** A pause of automatic failover, with ages by the catalog's clock. */
export interface KeptPause {
  readonly owner: string;
  readonly reason: string;
  /** The run that paused; null: a person. */
  readonly operation: string | null;
  readonly forMs: number;
  readonly ageMs: number;
  /** Since it was lifted; null: it was not. */
  readonly resumedAgoMs: number | null;
}

export interface NewPause {
  readonly owner: string;
  readonly reason: string;
  readonly operation: string | null;
  readonly forMs: number;
}

/** A person's pause is not replaced by that of a run: what was paused before stays so. Gives the pause in force. */
export const pauseCluster = (catalog: Catalog, cluster: string, pause: NewPause): Promise<KeptPause> =>
  catalog.sessions.transaction(async (session) => {
    const inForce = `resumed_at IS NULL AND clock_timestamp() < paused_at + for_ms * interval '1 millisecond'`;
    await session.execute(
      `INSERT INTO pgconvoy.cluster_pause AS known (cluster, owner, reason, operation, for_ms) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (cluster) DO UPDATE
       SET owner = excluded.owner, reason = excluded.reason, operation = excluded.operation, for_ms = excluded.for_ms, paused_at = clock_timestamp(), resumed_at = NULL
       WHERE excluded.operation IS NULL OR known.operation IS NOT NULL OR NOT (known.${inForce.replaceAll('paused_at', 'known.paused_at').replaceAll('for_ms', 'known.for_ms')})`,
      [cluster, pause.owner, pause.reason, pause.operation, pause.forMs],
    );
    return await session.row<KeptPause>(`SELECT ${COLUMNS} FROM pgconvoy.cluster_pause WHERE cluster = $1`, [cluster]);
  });

const COLUMNS = `owner, reason, operation, for_ms::float8 AS "forMs",
  (extract(epoch FROM clock_timestamp() - paused_at) * 1000)::float8 AS "ageMs",
  (extract(epoch FROM clock_timestamp() - resumed_at) * 1000)::float8 AS "resumedAgoMs"`;

/** Lifts a pause: that of `operation`, or, for a person, whichever there is. Gives whether there was one. */
export const resumeCluster = (catalog: Catalog, cluster: string, operation: string | null): Promise<boolean> =>
  catalog.sessions.use(async (session) => (await session.execute('UPDATE pgconvoy.cluster_pause SET resumed_at = clock_timestamp() WHERE cluster = $1 AND resumed_at IS NULL AND ($2::text IS NULL OR operation = $2)', [cluster, operation])) === 1);

export const readPause = (catalog: Catalog, cluster: string): Promise<KeptPause | undefined> =>
  catalog.sessions.use((session) => session.maybeRow<KeptPause>(`SELECT ${COLUMNS} FROM pgconvoy.cluster_pause WHERE cluster = $1`, [cluster]));
