import { type ClaimVerdict, type Epoch, epochOf, judgeClaim, type PromotionClaim } from '../../domain/cluster/epoch.ts';
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

/** The same over a connection that is open already, in a transaction of its own. */
export const claimOver = (session: Session, cluster: string, wanted: PromotionClaim): Promise<ClaimVerdict> => session.transaction(() => claimIn(session, cluster, wanted));

async function claimIn(session: Session, cluster: string, wanted: PromotionClaim): Promise<ClaimVerdict> {
  await lockCluster(session, cluster);
  const verdict = judgeClaim(await session.rows<PromotionClaim>('SELECT epoch, operation, node FROM pgconvoy.cluster_epoch WHERE cluster = $1 AND node IS NOT NULL', [cluster]), wanted);
  if (verdict.verdict !== 'granted') return verdict;
  const taken = await session.execute('UPDATE pgconvoy.cluster_epoch SET node = $4, claimed_at = clock_timestamp() WHERE cluster = $1 AND epoch = $2 AND operation = $3 AND node IS NULL', [cluster, wanted.epoch, wanted.operation, wanted.node]);
  if (taken === 1) return verdict;
  const holder = await session.row<{ operation: string }>('SELECT operation FROM pgconvoy.cluster_epoch WHERE cluster = $1 AND epoch = $2', [cluster, wanted.epoch]);
  return { verdict: 'refused', rule: 'epoch-taken', by: ['D6'], holder: { epoch: wanted.epoch, operation: holder.operation, node: '' } };
}

/** Every claim of a cluster, oldest first. */
export const listClaims = (catalog: Catalog, cluster: string): Promise<PromotionClaim[]> =>
  catalog.sessions.use((session) => session.rows<PromotionClaim>('SELECT epoch, operation, node FROM pgconvoy.cluster_epoch WHERE cluster = $1 AND node IS NOT NULL ORDER BY epoch', [cluster]));

const lockCluster = (session: Session, cluster: string): Promise<object> => session.row('SELECT cluster FROM pgconvoy.cluster WHERE cluster = $1 FOR UPDATE', [cluster]);
