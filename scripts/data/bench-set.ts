import type { ServerAddress } from '../../domain/server.ts';
import { connect } from '../../postgres/connection.ts';
import { quoteIdent } from '../../postgres/quoting.ts';
import { rowsFor, runSteps, type MeasuredSize, type SqlStep } from './sql-file.ts';

/** Measured with all indexes; the catalogs and the 300 small tables are the fixed part. `orders` is about 55 % at 2 GB. */
const MEASURED: MeasuredSize = {
  bytes: 200 * 2 ** 20,
  fixedBytes: 25 * 2 ** 20,
  rows: {
    accounts: 10_000,
    orders: 220_000,
    // Orders that have lines.
    ordered: 78_000,
    documents: 3_700,
    sessions: 64_000,
    events: 145_000,
  },
};

const STEPS: readonly SqlStep[] = [
  { title: 'generators', file: 'generators.sql' },
  { title: 'tables', file: 'bench-set/tables.sql' },
  { title: 'rows', file: 'bench-set/rows.sql' },
  { title: 'keys, indexes, functions, views', file: 'bench-set/objects.sql' },
];

export interface BenchSet {
  readonly server: ServerAddress;
  /** Created here; must not exist. */
  readonly database: string;
  /** The wanted size of the database with its indexes; reached within about a tenth. */
  readonly bytes: number;
  readonly onStep?: (title: string) => void;
}

/** Creates the data set of the benchmarks: the same content for the same size on every major. Large objects included. */
export async function createBenchSet(set: BenchSet): Promise<void> {
  {
    await using session = await connect(set.server, { purpose: 'load' });
    await session.execute(`CREATE DATABASE ${quoteIdent(set.database)} TEMPLATE template0 ENCODING 'UTF8'`);
  }
  await using session = await connect(set.server, { purpose: 'load', database: set.database, settings: { synchronous_commit: 'off', work_mem: '64MB', maintenance_work_mem: '256MB' } });
  await runSteps(session, STEPS, { rows: rowsFor(set.bytes, MEASURED), onStep: set.onStep });
}
