import { OperationError } from '../domain/errors.ts';
import type { Route } from '../domain/migration/plan.ts';
import type { Secret } from '../domain/secret.ts';
import { openConsole, type PgBouncerConsole } from '../postgres/pgbouncer-console.ts';
import { type EntryGoal, rewriteEntry } from './pgbouncer-file.ts';
import type { RouteSwitch } from './route.ts';

export type PgBouncerRoute = Extract<Route, { kind: 'pgbouncer' }>;

/**
 * A route through PgBouncer: PAUSE lets transactions under way end and holds the next ones back, so that the application sees a
 * longer wait and no error. It also closes the connections to the old server, so that the fence finds none of them.
 */
export function pgbouncerRoute(route: PgBouncerRoute, password: Secret | undefined): RouteSwitch {
  const open = (signal?: AbortSignal): Promise<PgBouncerConsole> => openConsole({ host: route.host, port: route.port, user: route.user, password }, signal);
  const entry = `"${route.database.replaceAll('"', '""')}"`;
  return {
    pause: async (until) => {
      try {
        await using admin = await open(until);
        await admin.order(`PAUSE ${entry}`);
      } catch (error) {
        if (!until.aborted) throw error;
        throw new OperationError('cutover_reverted', `transactions in the pool of PgBouncer entry ${route.database} did not end in time`, {
          detail: 'PAUSE waits for those that are under way, and holds back everybody else meanwhile.',
          hint: 'Look for transactions that stay open (pg_stat_activity, xact_start), then approve again.',
          cause: error,
        });
      }
    },
    // RESUME of what is not paused is an error without a code of its own, so we look first.
    resume: async () => {
      await using admin = await open();
      if ((await admin.entry(route.database))?.paused === true) await admin.order(`RESUME ${entry}`);
    },
    point: async (goal) => {
      await rewriteEntry(route.configFile, route.database, goal);
      await using admin = await open();
      await admin.order('RELOAD');
      await assertPointsAt(admin, route, goal);
      await admin.order(`RECONNECT ${entry}`);
    },
  };
}

/** RELOAD answers the same when PgBouncer could not read its file, or reads another one (seen with 1.18). */
export async function assertPointsAt(admin: PgBouncerConsole, { database, configFile }: PgBouncerRoute, goal: EntryGoal): Promise<void> {
  const now = await admin.entry(database);
  if (now?.host === goal.host && now.port === goal.port && now.database === goal.database) return;
  throw new OperationError('route_failed', `PgBouncer entry ${database} does not point at the target after RELOAD`, {
    detail: now === undefined ? 'There is no such entry any more.' : `It points at ${now.host}:${now.port}/${now.database}, the file ${configFile} at ${goal.host}:${goal.port}/${goal.database}.`,
    hint: "Is it the file that PgBouncer reads (`SHOW CONFIG`, conffile), and may PgBouncer read it? See PgBouncer's log.",
  });
}
