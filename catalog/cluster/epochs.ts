import { type ClaimVerdict, type Epoch, epochOf, judgeClaim, type PromotionClaim } from '../../domain/cluster/epoch.ts';
import { type KnownEpoch, NOBODY } from '../../domain/cluster/run/settle.ts';
import type { Session } from '../../postgres/connection.ts';
import type { Catalog } from '../open-catalog.ts';

/** The epoch of an operation: its own when it has one, else the next. */
export const reserveEpoch = (catalog: Catalog, cluster: string, operation: string): Promise<Epoch> =>
  catalog.sessions.transaction(async (session) => {
    await lockCluster(session, cluster);
    const known = await session.maybeRow<{ epoch: number }>('SELECT epoch FROM pgconvoy.cluster_epoch WHERE cluster = $1 AND operation = $2', [cluster, operation]);
    if (known !== undefined) return epochOf(known.epoch);
    const { epoch } = await session.row<{ epoch: number }>(
      `INSERT INTO pgconvoy.cluster_epoch (cluster, epoch, operation)
       SELECT $1, coalesce(max(epoch), 0) + 1, $2 FROM pgconvoy.cluster_epoch WHERE cluster = $1
       RETURNING epoch`,
      [cluster, operation],
    );
    return epochOf(epoch);
  });

/** The highest that was ever reserved; null for a cluster without any. Orders that promote nothing carry it. */
export const highestEpoch = (catalog: Catalog, cluster: string): Promise<Epoch | null> =>
  catalog.sessions.use(async (session) => {
    const { epoch } = await session.row<{ epoch: number | null }>('SELECT max(epoch) AS epoch FROM pgconvoy.cluster_epoch WHERE cluster = $1', [cluster]);
    return epoch === null ? null : epochOf(epoch);
  });

/**
 * The compare-and-set before a promotion, the point of no return: one node for each epoch, and none in an epoch that a later claim has passed. Whoever
 * asks again gets the same answer.
 */
export const claimPromotion = (catalog: Catalog, cluster: string, wanted: PromotionClaim): Promise<ClaimVerdict> => catalog.sessions.transaction((session) => claimIn(session, cluster, wanted));

/**
 * The same over a connection that is open already, for a window in which every round trip counts: a claim that nothing stands against is one statement.
 * That needs no lock: of two claims at once the one of the lower epoch counts as the earlier, which was free to be made.
 */
export async function claimOver(session: Session, cluster: string, wanted: PromotionClaim): Promise<ClaimVerdict> {
  const taken = await session.execute(
    `UPDATE pgconvoy.cluster_epoch AS ours SET node = $4, claimed_at = clock_timestamp()
     WHERE cluster = $1 AND epoch = $2 AND operation = $3 AND node IS NULL
       AND NOT EXISTS (SELECT FROM pgconvoy.cluster_epoch AS later WHERE later.cluster = $1 AND later.epoch > $2 AND later.node IS NOT NULL)`,
    [cluster, wanted.epoch, wanted.operation, wanted.node],
  );
  return taken === 1 ? { verdict: 'granted' } : await session.transaction(() => claimIn(session, cluster, wanted));
}

/**
 * Ends the uncertainty about a window: an epoch that nobody was claimed for is voided, so that a claim that is still under way is refused. Gives every
 * epoch of the cluster from this one on, for `settleWindow`.
 */
export const settleEpoch = (catalog: Catalog, cluster: string, ours: { readonly epoch: Epoch; readonly operation: string }): Promise<KnownEpoch[]> =>
  catalog.sessions.transaction(async (session) => {
    await lockCluster(session, cluster);
    await session.execute('UPDATE pgconvoy.cluster_epoch SET node = $4, claimed_at = clock_timestamp() WHERE cluster = $1 AND epoch = $2 AND operation = $3 AND node IS NULL', [cluster, ours.epoch, ours.operation, NOBODY]);
    return await session.rows<KnownEpoch>('SELECT epoch, operation, node FROM pgconvoy.cluster_epoch WHERE cluster = $1 AND epoch >= $2 ORDER BY epoch', [cluster, ours.epoch]);
  });

async function claimIn(session: Session, cluster: string, wanted: PromotionClaim): Promise<ClaimVerdict> {
  await lockCluster(session, cluster);
  const verdict = judgeClaim(await session.rows<PromotionClaim>('SELECT epoch, operation, node FROM pgconvoy.cluster_epoch WHERE cluster = $1 AND node IS NOT NULL', [cluster]), wanted);
  if (verdict.verdict !== 'granted') return verdict;
  const taken = await session.execute('UPDATE pgconvoy.cluster_epoch SET node = $4, claimed_at = clock_timestamp() WHERE cluster = $1 AND epoch = $2 AND operation = $3 AND node IS NULL', [cluster, wanted.epoch, wanted.operation, wanted.node]);
  if (taken === 1) return verdict;
  const holder = await session.row<{ operation: string }>('SELECT operation FROM pgconvoy.cluster_epoch WHERE cluster = $1 AND epoch = $2', [cluster, wanted.epoch]);
  return { verdict: 'refused', rule: 'epoch-taken', by: ['D6'], holder: { epoch: wanted.epoch, operation: holder.operation, node: '' } };
}

/** Every claim of a cluster, oldest first; epochs that were voided are none. */
export const listClaims = (catalog: Catalog, cluster: string): Promise<PromotionClaim[]> =>
  catalog.sessions.use((session) => session.rows<PromotionClaim>('SELECT epoch, operation, node FROM pgconvoy.cluster_epoch WHERE cluster = $1 AND node <> $2 ORDER BY epoch', [cluster, NOBODY]));

const lockCluster = (session: Session, cluster: string): Promise<object> => session.row('SELECT cluster FROM pgconvoy.cluster WHERE cluster = $1 FOR UPDATE', [cluster]);
