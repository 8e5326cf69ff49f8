import { OperationError } from '../domain/errors.ts';
import type { Route } from '../domain/migration/plan.ts';
import type { Secret } from '../domain/secret.ts';
import { runProgram } from '../programs/run-program.ts';
import { pgbouncerRoute } from './pgbouncer-route.ts';

export interface RouteGoal {
  /** Where the application is to go. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** When a cluster changes roles: its name, and the epoch of the change, by which a hook can refuse an older order. */
  readonly cluster?: string;
  readonly epoch?: number;
}

/** How the application is led from one server to the other. Every order may be given again. */
export interface RouteSwitch {
  /**
   * Holds new work back, where the route can; resolves when nothing is under way. Error `cutover_reverted` when `until` fires
   * before: then work may still be held back, and {@link resume} has to let it go on.
   */
  pause(until: AbortSignal): Promise<void>;
  /** Points the route at the goal. */
  point(goal: RouteGoal): Promise<void>;
  /** Lets work go on, wherever the route points. */
  resume(): Promise<void>;
}

/** The switch of a plan's route. */
export function routeSwitch(route: Route, secret: (reference: string) => Secret): RouteSwitch {
  switch (route.kind) {
    case 'none':
      return { pause: nothing, point: nothing, resume: nothing };
    case 'command':
      return { pause: nothing, point: (goal) => runHook(route, goal), resume: nothing };
    case 'pgbouncer':
      return pgbouncerRoute(route, route.password === undefined ? undefined : secret(route.password));
  }
}

const nothing = (): Promise<void> => Promise.resolve();

const clusterOf = ({ cluster, epoch }: RouteGoal): Record<string, string> => ({ ...(cluster === undefined ? {} : { PGCONVOY_CLUSTER: cluster }), ...(epoch === undefined ? {} : { PGCONVOY_EPOCH: String(epoch) }) });

async function runHook(route: Extract<Route, { kind: 'command' }>, goal: RouteGoal): Promise<void> {
  const [program = '', ...args] = route.command;
  try {
    await runProgram({
      program,
      args,
      env: { PGCONVOY_DIRECTION: 'forward', PGCONVOY_TARGET_HOST: goal.host, PGCONVOY_TARGET_PORT: String(goal.port), PGCONVOY_TARGET_DATABASE: goal.database, ...clusterOf(goal) },
      signal: AbortSignal.timeout(route.timeoutMs),
    });
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    throw new OperationError('route_failed', `route hook ${program} failed`, {
      detail: error.detail ?? error.message,
      hint: 'The source is fenced and the target is complete. Make the hook work, then run `pgconvoy migrate resume`: it is called again.',
      cause: error,
    });
  }
}
