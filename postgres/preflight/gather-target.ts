import type { Fact } from '../../domain/preflight/fact.ts';
import type { DatabaseFacts } from '../../domain/preflight/server-facts.ts';
import type { SourceCatalog } from '../../domain/preflight/source-facts.ts';
import type { TargetFacts } from '../../domain/preflight/target-facts.ts';
import type { Session } from '../connection.ts';
import { asking } from './ask.ts';
import { readDatabaseSettings } from './database-settings.ts';
import { proveEndpoint } from './endpoint.ts';
import { readLeftovers } from './leftovers.ts';
import { readConnections, readRole, readServer, readSettings } from './server.ts';
import { mayGrantInPublic, maySetReplicationRole, readCollations, readOfferedExtensions, readPrescribedTimeouts, readPresentObjects, readReplicationUsed, readTargetRoles } from './target.ts';

/** Everything the rules want to know of the target. `session`: in the target database, or in the maintenance one while that is not there. */
export async function gatherTarget(session: Fact<Session>, database: Fact<DatabaseFacts | null>, catalog: Fact<SourceCatalog>): Promise<TargetFacts> {
  const ask = asking(session);
  const missing = 'ok' in database && database.ok === null;
  return {
    server: await ask(readServer),
    role: await ask(readRole),
    settings: await ask(readSettings),
    database,
    connections: await ask((target) => readConnections(target, target.database)),
    endpoint: await ask((target) => proveEndpoint(target.server, target.database)),
    present: missing ? { ok: { count: 0, first: [] } } : await ask(readPresentObjects),
    leftovers: await ask(readLeftovers),
    replicationUsed: await ask(readReplicationUsed),
    extensions: await ask(readOfferedExtensions),
    collations: 'ok' in catalog ? await ask((target) => readCollations(target, catalog.ok.collations)) : catalog,
    roles: await ask(readTargetRoles),
    // A database that we make is ours, and so is its schema public; up to 14 that is open to everybody.
    mayGrantInPublic: missing ? { ok: true } : await ask(mayGrantInPublic),
    databaseSettings: missing ? { ok: [] } : await ask(readDatabaseSettings),
    maySetReplicationRole: await ask(maySetReplicationRole),
    timeouts: await ask(readPrescribedTimeouts),
  };
}
