import { access, constants, readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';

import { pointEntry } from '../domain/pgbouncer-config.ts';
import { NO_POOLER, type PoolerConsoleFacts, type PoolerFacts, type PoolerFileFacts } from '../domain/preflight/pooler-facts.ts';
import type { Secret } from '../domain/secret.ts';
import type { ServerAddress } from '../domain/server.ts';
import { openConsole } from '../postgres/pgbouncer-console.ts';
import { fact } from '../postgres/preflight/ask.ts';
import type { PgBouncerRoute } from './pgbouncer-route.ts';

interface Given {
  readonly source: Pick<ServerAddress, 'host' | 'port'>;
  readonly secret: (reference: string) => Secret;
}

/** What preflight wants to know of a route; changes nothing. */
export async function gatherPoolerFacts(route: PgBouncerRoute | { readonly kind: 'none' | 'command' }, { source, secret }: Given): Promise<PoolerFacts> {
  if (route.kind !== 'pgbouncer') return NO_POOLER;
  return {
    poolerConsole: await fact(() => askConsole(route, { source, password: route.password === undefined ? undefined : secret(route.password) })),
    poolerFile: await fact(() => lookAtFile(route)),
  };
}

async function askConsole({ host, port, user, database }: PgBouncerRoute, { source, password }: { source: Given['source']; password: Secret | undefined }): Promise<PoolerConsoleFacts> {
  await using admin = await openConsole({ host, port, user, password });
  const [entry, settings, pools] = [await admin.entry(database), await admin.settings(), await admin.poolModes(database)];
  const admins = (settings['admin_users'] ?? '').split(',').map((name) => name.trim());
  return {
    place: `${host}:${port}`,
    user,
    admin: admins.includes(user),
    entry: entry === undefined ? null : { name: database, host: entry.host, port: entry.port, database: entry.database, paused: entry.paused },
    source: { host: source.host, port: source.port },
    poolModes: [...new Set([entry?.poolMode ?? settings['pool_mode'] ?? 'session', ...pools])],
    queryWaitSeconds: Number(settings['query_wait_timeout'] ?? 0),
  };
}

async function lookAtFile({ configFile, database }: PgBouncerRoute): Promise<PoolerFileFacts> {
  const writable = await access(configFile, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  const text = writable ? await readFile(configFile, 'utf8') : '';
  const hasEntry = pointEntry(text, database, { host: '', port: 0, database: '' }) !== undefined;
  return { path: configFile, absolute: isAbsolute(configFile), writable, hasEntry };
}
