import { randomBytes } from 'node:crypto';

import { OperationError } from '../../domain/errors.ts';
import type { Blocker, TrialSlot } from '../../domain/preflight/source-facts.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect, type Session } from '../connection.ts';
import { quoteIdent } from '../quoting.ts';
import { SQLSTATE, sqlstateOf } from '../sqlstate.ts';
import { OUR_PREFIX } from '../tables.ts';
import { readOldTransactions, readPreparedTransactions } from './slots.ts';

interface Trial {
  readonly server: ServerAddress;
  readonly database: string;
  /** A plain session on the same server, which looks for blockers and ends the trial. */
  readonly asker: Session;
  /** The longest wait for transactions that are running. */
  readonly waitMs: number;
}

/** The server says no, and says why: no privilege, wal_level or standby, no slot left, no walsender left. */
const REFUSALS: ReadonlySet<string | undefined> = new Set([SQLSTATE.insufficientPrivilege, SQLSTATE.objectNotInPrerequisiteState, '53400', '53300']);

/**
 * Makes a logical slot and drops it at once: the only proof that one can be made. It is temporary, so it goes with its
 * connection whatever happens to us.
 */
export async function tryLogicalSlot(trial: Trial): Promise<TrialSlot> {
  try {
    await using walsender = await connect(trial.server, { database: trial.database, purpose: 'check_slot', replication: true });
    return await makeAndDrop(walsender, trial);
  } catch (error) {
    if (REFUSALS.has(sqlstateOf(error))) return { outcome: 'refused', reason: error instanceof OperationError ? (error.detail ?? error.message) : String(error) };
    throw error;
  }
}

async function makeAndDrop(walsender: Session, { asker, waitMs }: Trial): Promise<TrialSlot> {
  const name = `${OUR_PREFIX}trial_${randomBytes(4).toString('hex')}`;
  const began = performance.now();
  const waited = (): number => (performance.now() - began) / 1000;
  let blockers: Blocker[] | undefined;
  // A walsender that waits for a transaction hears neither its client's end nor statement_timeout: it has to be told.
  const giveUp = async (): Promise<void> => {
    blockers = await readBlockers(asker).catch(() => []);
    await asker.execute('SELECT pg_catalog.pg_terminate_backend($1)', [walsender.pid]).catch(() => walsender.destroy());
  };
  const watch = setTimeout(() => void giveUp(), waitMs);
  try {
    await walsender.execute(`CREATE_REPLICATION_SLOT ${quoteIdent(name)} TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`);
    await walsender.execute(`DROP_REPLICATION_SLOT ${quoteIdent(name)}`);
    return { outcome: 'created', waitedSeconds: waited() };
  } catch (error) {
    if (blockers === undefined) throw error;
    return { outcome: 'waited', waitedSeconds: waited(), blockers };
  } finally {
    clearTimeout(watch);
  }
}

async function readBlockers(asker: Session): Promise<Blocker[]> {
  const prepared = await readPreparedTransactions(asker);
  const running = await readOldTransactions(asker, 1).catch(() => []);
  return [...prepared, ...running];
}
