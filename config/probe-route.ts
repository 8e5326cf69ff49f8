import type { ClusterEntry } from './cluster-schema.ts';
import { entryNamed } from './entry-named.ts';
import type { Inventory } from './inventory-schema.ts';
import { type ClusterLogin, clusterPassword } from './resolve-cluster.ts';
import type { Secret } from '../domain/secret.ts';

/** How the application comes to a cluster: through its pooler, or with all data nodes in its connection string. */
export interface ApplicationRoute {
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly user: string;
  readonly password?: Secret;
  readonly database: string;
}

/** Throws `name_unknown`, `secret_missing`. */
export function applicationRoute(inventory: Inventory, cluster: string, baseDir: string): ApplicationRoute {
  const entry = entryNamed('cluster', inventory.clusters, cluster);
  const login: ClusterLogin = entry.application === undefined ? 'superuser' : 'application';
  const password = clusterPassword(inventory, { cluster, login, baseDir });
  return { ...placeOf(entry), user: (entry.application ?? entry.superuser).user, ...(password === undefined ? {} : { password }) };
}

function placeOf(entry: ClusterEntry): Pick<ApplicationRoute, 'hosts' | 'database'> {
  const { route, nodes, database } = entry;
  if (route.kind === 'pgbouncer') return { hosts: [{ host: route.host, port: route.port }], database: route.database };
  return { hosts: Object.values(nodes).flatMap(({ role, host, port }) => (role === 'witness' ? [] : [{ host, port }])), database };
}
