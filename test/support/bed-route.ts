import { existsSync } from 'node:fs';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Route, writeRoute } from '../../scripts/demo/route.ts';
import { until } from './bed-wait.ts';

/**
 * The route of a migration in a test: a hook of the migration, and the file that the application reads. They are not the same
 * file: the application goes to the target when the test lets it, so that both sides can be compared row by row before.
 */
export interface BedRoute {
  /** What an inventory has under `cutover.route`. */
  readonly entry: object;
  /** Read by the application. */
  readonly file: string;
  /** Makes the next call of the hook wait until {@link release}: the window stays open behind the point of no return. */
  hold(): Promise<void>;
  /** Resolves when the hook has been called and waits. */
  held(): Promise<void>;
  release(): Promise<void>;
  /** Makes the hook fail until {@link mend}. */
  breakIt(): Promise<void>;
  mend(): Promise<void>;
  /** Where the migration has led the route, if it has. */
  switchedTo(): Promise<Route | undefined>;
  lead(route: Route): Promise<void>;
}

export async function makeBedRoute(folder: string): Promise<BedRoute> {
  const [hook, hold, called, broken, switched, file] = ['hook.sh', 'hold', 'called', 'broken', 'switched.json', 'route.json'].map((name) => join(folder, name)) as [string, string, string, string, string, string];
  const lines = [
    '#!/bin/sh',
    `if [ -e '${broken}' ]; then echo 'the load balancer does not answer' >&2; exit 1; fi`,
    `: > '${called}'`,
    `while [ -e '${hold}' ]; do sleep 0.05; done`,
    `printf '{"host":"%s","port":%s,"database":"%s"}' "$PGCONVOY_TARGET_HOST" "$PGCONVOY_TARGET_PORT" "$PGCONVOY_TARGET_DATABASE" > '${switched}.new'`,
    `mv '${switched}.new' '${switched}'`,
  ];
  await writeFile(hook, `${lines.join('\n')}\n`);
  await chmod(hook, 0o755);
  return {
    entry: { kind: 'command', command: [hook], timeout: '90s' },
    file,
    hold: async () => {
      await rm(called, { force: true });
      await writeFile(hold, '');
    },
    held: async () => void (await until('a call of the route hook', () => Promise.resolve(existsSync(called)))),
    release: () => rm(hold, { force: true }),
    breakIt: () => writeFile(broken, ''),
    mend: () => rm(broken, { force: true }),
    switchedTo: async () => {
      const text = await readFile(switched, 'utf8').catch(() => undefined);
      return text === undefined ? undefined : (JSON.parse(text) as Route);
    },
    lead: (route) => writeRoute(file, route),
  };
}
