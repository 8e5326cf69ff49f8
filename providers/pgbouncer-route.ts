import { readFile, rename, writeFile } from 'node:fs/promises';

import { OperationError } from '../domain/errors.ts';
import type { Route } from '../domain/migration/plan.ts';
import { pointEntry } from '../domain/pgbouncer-config.ts';
import type { Secret } from '../domain/secret.ts';
import { adminCommand } from '../postgres/pgbouncer-console.ts';
import type { RouteSwitch } from './route.ts';

/**
 * A route through PgBouncer: PAUSE lets transactions under way end and holds the next ones back, so that the application sees a
 * longer wait and no error. https://www.pgbouncer.org/usage.html#admin-console
 */
export function pgbouncerRoute(route: Extract<Route, { kind: 'pgbouncer' }>, password: Secret | undefined): RouteSwitch {
  const order = (command: string): Promise<void> => adminCommand({ host: route.host, port: route.port, user: route.user, password }, command);
  const entry = `"${route.database.replaceAll('"', '""')}"`;
  return {
    pause: () => order(`PAUSE ${entry}`),
    resume: () => order(`RESUME ${entry}`),
    point: async (goal) => {
      const text = await readFile(route.configFile, 'utf8');
      const pointed = pointEntry(text, route.database, goal);
      if (pointed === undefined) {
        throw new OperationError('route_failed', `file ${route.configFile} has no entry ${route.database} under [databases]`, { hint: 'Add the line, RELOAD PgBouncer, then run `pgconvoy migrate resume`.' });
      }
      // Written beside and renamed, so that a crash never leaves half a file for PgBouncer to read.
      await writeFile(`${route.configFile}.pgconvoy`, pointed);
      await rename(`${route.configFile}.pgconvoy`, route.configFile);
      await order('RELOAD');
      await order(`RECONNECT ${entry}`);
    },
  };
}
