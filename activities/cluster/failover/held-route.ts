import type { ClusterPlan } from '../../../domain/cluster/cluster.ts';
import { openRoute, type OpenRoute } from '../../../providers/open-route.ts';
import type { RouteGoal } from '../../../providers/route.ts';
import type { Dependencies } from '../../dependencies.ts';

export interface HeldRoute extends AsyncDisposable {
  /** No application is led to the old primary any more. */
  closed(): boolean;
  /** Leads the application to the new primary. Gives whether that is done; if not, it is for the next step. */
  lead(goal: RouteGoal): Promise<boolean>;
}

/**
 * Holds the application back from a primary that is lost, where the route can: what it asks meanwhile waits, instead of failing. It stays held, also when
 * this step ends without a new primary. A route that cannot be reached keeps nothing from being promoted.
 */
export function holdRoute({ secret }: Pick<Dependencies, 'secret'>, plan: Pick<ClusterPlan, 'route'>): HeldRoute {
  let closed = false;
  const opening: Promise<OpenRoute | undefined> = openRoute(plan.route, secret).catch(() => undefined);
  const holding = opening.then(async (route) => {
    if (route?.holds !== true) return;
    await route.pause();
    closed = true;
  }).catch(() => undefined);
  return {
    closed: () => closed,
    lead: async (goal) => {
      try {
        const route = await opening;
        if (route === undefined) return false;
        await route.point(goal);
        await route.resume();
        return true;
      } catch {
        return false;
      }
    },
    [Symbol.asyncDispose]: async () => {
      await (await opening)?.[Symbol.asyncDispose]();
      await holding;
    },
  };
}
