import type { TableFacts } from '../../domain/copy/plan.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Session } from '../../postgres/connection.ts';
import { countRows, digestTable, type TableDigest } from '../../postgres/digest.ts';
import type { RunContext } from '../dependencies.ts';

/** Hashes, or counts, a table on both sides as the two sessions see it; a difference is `verification_failed`. */
export async function compareTable(run: RunContext, sides: { source: Session; target: Session }, table: TableFacts): Promise<TableDigest> {
  const { source, target } = sides;
  const order = { ...table, oldestMajor: Math.min(source.major, target.major) };
  const ask = (session: Session): Promise<TableDigest> => (run.plan.verify === 'full' ? digestTable(session, order) : countRows(session, table));
  const [there, here] = await Promise.all([ask(source), ask(target)]);
  if (there.rows === here.rows && there.sum === here.sum) return here;
  throw new OperationError('verification_failed', `table ${table.schema}.${table.name} differs between source and target`, {
    detail: there.rows === here.rows ? `Both have ${here.rows} rows, but not the same ones.` : `The source has ${there.rows} rows and the target ${here.rows}.`,
    context: { table: `${table.schema}.${table.name}`, sourceRows: there.rows, targetRows: here.rows },
  });
}
