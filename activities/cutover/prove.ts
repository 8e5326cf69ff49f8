import { readTables } from '../../catalog/copy-plan.ts';
import { groupTiny } from '../../domain/copy/groups.ts';
import { reportOf } from '../../domain/errors.ts';
import { shareSnapshot } from '../../postgres/replication/snapshot.ts';
import type { RunContext } from '../dependencies.ts';
import { compareTables } from '../migration/compare-table.ts';
import { first, tablesOutsideLog } from './ready.ts';
import type { WindowSessions } from './window-sessions.ts';

/** What is known of the equality of both sides at the moment of the switch. */
export interface Proof {
  readonly state: 'equal' | 'different' | 'unknown';
  readonly tables: number;
  readonly rows: number;
  /** One sentence for each table that differs, the first ten. */
  readonly differences: readonly string[];
  readonly reason?: string;
}

/**
 * Fixes, just before the application is let in, what the target looks like: the source is fenced and stands still, so the two
 * can be compared to the last row afterwards, while the target is already being written to.
 */
export const holdProofSnapshot = (sessions: WindowSessions): Promise<void> => shareSnapshot(sessions.target);

/** Compares every table that was followed or copied, biggest first, on as many lanes as there are sessions. */
export async function prove(run: RunContext, sessions: WindowSessions): Promise<Proof> {
  const followed = (await readTables(run.catalog, run.runId)).map(({ facts }) => facts).filter((facts) => facts.publish === 'all' || facts.publish === 'full');
  const tables = [...followed, ...(await tablesOutsideLog(run))];
  const queue = groupTiny(tables.toSorted((a, b) => b.bytes - a.bytes), ({ bytes }) => bytes);
  const differences: string[] = [];
  let rows = 0;
  const lane = async (index: number): Promise<void> => {
    const source = sessions.source[index] ?? first(sessions.source);
    const target = sessions.target[index] ?? first(sessions.target);
    await target.execute('SAVEPOINT proof');
    for (let group = queue.shift(); group !== undefined; group = queue.shift()) {
      // Lets go of the locks on the tables before, of which the snapshot's transaction would hold one for each relation there is.
      await target.execute('ROLLBACK TO SAVEPOINT proof');
      const compared = await compareTables(run, { source, target }, group);
      rows += compared.rows; // not in one: `rows += await …` would lose what other lanes add meanwhile
      differences.push(...compared.differences.map(({ message, detail }) => `${message}: ${detail ?? ''}`));
    }
  };
  try {
    await Promise.all(sessions.target.map((_session, index) => lane(index)));
  } catch (error) {
    return { state: 'unknown', tables: tables.length, rows, differences: differences.slice(0, 10), reason: reasonOf(error) };
  }
  return { state: differences.length === 0 ? 'equal' : 'different', tables: tables.length, rows, differences: differences.slice(0, 10) };
}

function reasonOf(error: unknown): string {
  const { message, detail } = reportOf(error);
  return detail === undefined ? message : `${message}: ${detail}`;
}
