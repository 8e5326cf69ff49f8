import type { Scope } from '../../domain/copy/scope.ts';
import type { Fact } from '../../domain/preflight/fact.ts';
import type { PathFacts, PreflightFacts, PreflightRequest } from '../../domain/preflight/facts.ts';
import { NO_POOLER, type PoolerFacts } from '../../domain/preflight/pooler-facts.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect, type Session } from '../connection.ts';
import { asking, fact } from './ask.ts';
import { gatherSource } from './gather-source.ts';
import { gatherTarget } from './gather-target.ts';
import { measureLink } from './link.ts';
import { dialFromTarget } from './reach.ts';
import { readDatabaseFacts } from './server.ts';
import { addressFromTarget, conninfoFromTarget, type SeenFromTarget } from './source-from-target.ts';

export interface PreflightQuestions {
  readonly source: ServerAddress;
  readonly target: ServerAddress;
  /** What is wanted, without what the two addresses say. */
  readonly request: PreflightRequest;
  readonly scope: Scope;
  /** How the target dials the source, where that differs. */
  readonly seenFromTarget?: SeenFromTarget | undefined;
  /** Of the route, where it leads through PgBouncer. */
  readonly pooler?: PoolerFacts;
  /** The longest wait of the trial slot for running transactions. */
  readonly slotWaitMs?: number;
}

const SLOT_WAIT_MS = 10_000;
const DIAL_MS = 10_000;

/** No question may take longer; a lock that somebody holds is not waited for. */
const PATIENCE = { statement_timeout: '60s', lock_timeout: '5s' } as const;

/**
 * Asks both servers everything that preflight rules want to know. Changes nothing: the trial slot is temporary and dropped
 * at once, what is tried on the target is rolled back. Never throws for a server's sake; an answer that is missing says why.
 */
export async function gatherPreflightFacts({ source, target, request, scope, seenFromTarget = {}, pooler = NO_POOLER, slotWaitMs = SLOT_WAIT_MS }: PreflightQuestions): Promise<PreflightFacts> {
  await using open = new AsyncDisposableStack();
  const dial = (server: ServerAddress, database: string): Promise<Fact<Session>> =>
    fact(async () => open.use(await connect(server, { database, purpose: 'check', settings: PATIENCE })));
  const { database } = request.source;
  const sourceSession = await dial(source, database);
  const maintenance = await dial(target, target.maintenanceDatabase);
  const targetDatabase = await asking(maintenance)((session) => readDatabaseFacts(session, request.target.database));
  const present = 'ok' in targetDatabase && targetDatabase.ok !== null;
  const targetSession = present ? await dial(target, request.target.database) : maintenance;
  const sourceFacts = await gatherSource(sourceSession, { server: source, database, scope, mode: request.mode, slotWaitMs });
  const targetFacts = await gatherTarget(targetSession, targetDatabase, sourceFacts.catalog);
  const path: PathFacts = {
    targetReachesSource: request.mode === 'offline' ? NOT_NEEDED : await asking(targetSession)((session) => reach(session, { source, database, seen: seenFromTarget })),
    source: await asking(sourceSession)((session) => measureLink(session, 'from')),
    target: await asking(targetSession)((session) => measureLink(session, 'to')),
    ...pooler,
  };
  return { request, source: sourceFacts, target: targetFacts, path };
}

const reach = (session: Session, { source, database, seen }: { source: ServerAddress; database: string; seen: SeenFromTarget }) =>
  dialFromTarget(session, { conninfo: conninfoFromTarget(source, database, seen), address: addressFromTarget(source, seen), timeoutMs: DIAL_MS });

const NOT_NEEDED = { failed: { code: 'not_now', message: 'an offline migration needs no subscription' } } as const;
