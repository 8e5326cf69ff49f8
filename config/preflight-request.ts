import { parseDuration } from '../domain/durations.ts';
import type { PreflightRequest } from '../domain/preflight/facts.ts';
import { entryNamed } from './entry-named.ts';
import type { Inventory, MigrationEntry } from './inventory-schema.ts';

/** A migration as far as preflight looks at it: an entry of the inventory, or the plan of a run. */
type Wanted = Pick<MigrationEntry, 'source' | 'target' | 'database' | 'mode' | 'noIdentity' | 'owners' | 'privileges' | 'roles' | 'cutover'> & { readonly targetDatabase?: string | undefined };

/** What preflight rules judge by. Throws `name_unknown` when a server is not in the inventory. */
export function preflightRequest(inventory: Inventory, wanted: Wanted, { lanes, clientMajor }: Pick<PreflightRequest, 'lanes' | 'clientMajor'>): PreflightRequest {
  const source = entryNamed('server', inventory.servers, wanted.source);
  const target = entryNamed('server', inventory.servers, wanted.target);
  const { mode, noIdentity, owners, privileges, roles } = wanted;
  return {
    mode,
    source: { server: wanted.source, database: wanted.database, maintenanceDatabase: source.maintenanceDatabase, provider: source.provider },
    target: { server: wanted.target, database: wanted.targetDatabase ?? wanted.database, provider: target.provider },
    noIdentity,
    owners,
    privileges,
    roles,
    lanes,
    cutoverBudgetMs: parseDuration(wanted.cutover.budget) ?? 0,
    clientMajor,
  };
}
