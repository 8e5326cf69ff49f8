import { setTimeout as sleep } from 'node:timers/promises';

import type { Epoch } from '../../../domain/cluster/epoch.ts';
import type { ClusterPlan } from '../../../domain/cluster/cluster.ts';
import { OperationError } from '../../../domain/errors.ts';
import type { ServerAddress } from '../../../domain/server.ts';
import { connect, type Session } from '../../../postgres/connection.ts';
import { isInRecovery, orderPromotion, tryToWrite, writtenTimeline } from '../../../postgres/cluster/promotion.ts';
import { openRoute } from '../../../providers/open-route.ts';
import type { Dependencies } from '../../dependencies.ts';

export interface Claimed {
  readonly plan: ClusterPlan;
  readonly candidate: ServerAddress;
  readonly epoch: Epoch;
}

/** Behind a claim there is only forward: promotes the candidate if it is not promoted, and leads the route there. Gives its timeline. May be done again. */
export async function finishPromotion(deps: Pick<Dependencies, 'secret'>, claimed: Claimed): Promise<number> {
  const timeline = await promoteClaimed(claimed);
  await leadRoute(deps, claimed);
  return timeline;
}

export async function promoteClaimed({ candidate }: Pick<Claimed, 'candidate'>): Promise<number> {
  await using session = await connect(candidate, { purpose: 'promote', settings: { synchronous_commit: 'local' } });
  if (await isInRecovery(session)) await orderPromotion(session);
  await awaitWritable(session);
  return await writtenTimeline(session);
}

/** Between two looks at what is about to happen. */
export const LOOK_EVERY_MS = 2;

/** Resolves when a first write is on its disk. */
export async function awaitWritable(session: Session): Promise<void> {
  while ((await tryToWrite(session, 'switched').catch(whileEnding)) === null) await sleep(LOOK_EVERY_MS);
}

/** Recovery may end between the two halves of the question. */
function whileEnding(error: unknown): null {
  if (error instanceof OperationError && error.code === 'query_failed') return null;
  throw error;
}

/** Points the route at a node that is primary, and lets work go on. */
export async function leadRoute({ secret }: Pick<Dependencies, 'secret'>, { plan, candidate, epoch }: Claimed): Promise<void> {
  await using route = await openRoute(plan.route, secret);
  await route.point({ host: candidate.host, port: candidate.port, database: plan.database, cluster: plan.cluster, epoch });
  await route.resume();
}
