/** The route of a cluster with its connections open beforehand: nothing is dialled while writes are held back. */
import { OperationError } from '../domain/errors.ts';
import type { Route } from '../domain/migration/plan.ts';
import type { Secret } from '../domain/secret.ts';
import { openConsole } from '../postgres/pgbouncer-console.ts';
import { assertPointsAt, type PgBouncerRoute } from './pgbouncer-route.ts';
import { rewriteEntry } from './pgbouncer-file.ts';
import { type RouteGoal, routeSwitch } from './route.ts';

export interface OpenRoute extends AsyncDisposable {
  /** Whether it holds work back. Where it does, a goal may be set as long as it holds. */
  readonly holds: boolean;
  /** Holds new work back; resolves when nothing is under way any more. Rejects when the route is closed before. */
  pause(): Promise<void>;
  point(goal: RouteGoal): Promise<void>;
  resume(): Promise<void>;
}

/** Opens what the window will need. Errors: `route_failed`, and what the secret gives. */
export async function openRoute(route: Route, secret: (reference: string) => Secret): Promise<OpenRoute> {
  if (route.kind === 'pgbouncer') return await openPgBouncer(route, route.password === undefined ? undefined : secret(route.password));
  const plain = routeSwitch(route, secret);
  return { holds: false, pause: () => Promise.resolve(), point: plain.point, resume: plain.resume, [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function openPgBouncer(route: PgBouncerRoute, password: Secret | undefined): Promise<OpenRoute> {
  const place = { host: route.host, port: route.port, user: route.user, password };
  const entry = `"${route.database.replaceAll('"', '""')}"`;
  // PAUSE keeps its connection until the last transaction has ended, so the other orders have one of their own.
  const closing = new AbortController();
  const holding = await openConsole(place, closing.signal);
  const admin = await openConsole(place).catch(async (error: unknown) => {
    await holding[Symbol.asyncDispose]();
    throw error;
  });
  return {
    holds: true,
    pause: () => holding.order(`PAUSE ${entry}`),
    point: async (goal) => {
      await rewriteEntry(route.configFile, route.database, goal);
      await admin.order('RELOAD');
      await assertPointsAt(admin, route, goal);
    },
    resume: async () => {
      if ((await admin.entry(route.database))?.paused !== true) return;
      await admin.order(`RESUME ${entry}`);
    },
    [Symbol.asyncDispose]: async () => {
      closing.abort(new OperationError('route_failed', 'the console of the pooler was closed'));
      await Promise.all([holding[Symbol.asyncDispose](), admin[Symbol.asyncDispose]()]);
    },
  };
}
