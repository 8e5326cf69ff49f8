import type { Scope } from '../../domain/copy/scope.ts';
import type { SourceFacts } from '../../domain/preflight/source-facts.ts';
import type { ServerAddress } from '../../domain/server.ts';
import type { Fact } from '../../domain/preflight/fact.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Session } from '../connection.ts';
import { asking, derive } from './ask.ts';
import { readSourceCatalog } from './catalog.ts';
import { proveEndpoint } from './endpoint.ts';
import { readTablesWithoutKey } from './identity.ts';
import { readLeftovers, readSuperuserSessions } from './leftovers.ts';
import { readSourceObjects } from './objects.ts';
import { readSourceRights } from './rights.ts';
import { readConnections, readDatabaseFacts, readRole, readServer, readSettings } from './server.ts';
import { readLogPosition, readLogRate, readOldTransactions, readPreparedTransactions, readSlots } from './slots.ts';
import { tryLogicalSlot } from './trial-slot.ts';

interface SourceQuestions {
  readonly server: ServerAddress;
  readonly database: string;
  readonly scope: Scope;
  readonly mode: 'online' | 'offline';
  readonly slotWaitMs: number;
}

/** Everything the rules want to know of the source. */
export async function gatherSource(session: Fact<Session>, { server, database, scope, mode, slotWaitMs }: SourceQuestions): Promise<SourceFacts> {
  const ask = asking(session);
  const position = await ask(readLogPosition);
  return {
    server: await ask(readServer),
    role: await ask(readRole),
    settings: await ask(readSettings),
    database: await ask((source) => presentDatabase(source, database)),
    connections: await ask((source) => readConnections(source, database)),
    endpoint: await ask(() => proveEndpoint(server, database)),
    slots: await ask(readSlots),
    longTransactions: await ask((source) => readOldTransactions(source)),
    preparedTransactions: await ask(readPreparedTransactions),
    superuserSessions: await ask((source) => readSuperuserSessions(source, database)),
    leftovers: await ask(readLeftovers),
    rights: await ask((source) => readSourceRights(source, scope)),
    tablesWithoutKey: await ask((source) => readTablesWithoutKey(source, scope)),
    objects: await ask((source) => readSourceObjects(source, scope)),
    catalog: await ask((source) => readSourceCatalog(source, scope)),
    // Late: the slot may wait, and the rate of the log is the better the longer the time it is taken over.
    trialSlot: mode === 'online' ? await ask((asker) => tryLogicalSlot({ server, database, asker, waitMs: slotWaitMs })) : NOT_TRIED,
    walBytesPerSecond: 'ok' in position ? await ask((source) => readLogRate(source, position.ok)) : derive(position, () => 0),
  };
}

const NOT_TRIED = { failed: { code: 'not_now', message: 'an offline migration needs no slot' } } as const;

async function presentDatabase(session: Session, name: string) {
  const found = await readDatabaseFacts(session, name);
  if (found === null) throw new OperationError('database_missing', `database ${name} does not exist on server ${session.server.name}`);
  return found;
}
