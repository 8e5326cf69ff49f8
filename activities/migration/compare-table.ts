import type { TableFacts } from '../../domain/copy/plan.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Session } from '../../postgres/connection.ts';
import { countTables, digestTables, type TableDigest } from '../../postgres/digest.ts';
import type { RunContext } from '../dependencies.ts';

type Table = Pick<TableFacts, 'schema' | 'name' | 'columns'>;

export interface Comparison {
  /** Rows on the target. */
  readonly rows: number;
  /** A `verification_failed` for each table that is not the same. */
  readonly differences: readonly OperationError[];
}

/** Hashes, or counts, tables on both sides as the two sessions see them, all in one question to each. */
export async function compareTables(run: RunContext, { source, target }: { source: Session; target: Session }, tables: readonly Table[]): Promise<Comparison> {
  const oldestMajor = Math.min(source.major, target.major);
  const ask = (session: Session): Promise<TableDigest[]> => (run.plan.verify === 'full' ? digestTables(session, tables, oldestMajor) : countTables(session, tables));
  const [there, here] = await Promise.all([ask(source), ask(target)]);
  return {
    rows: here.reduce((sum, { rows }) => sum + rows, 0),
    differences: tables.flatMap((table, place) => differenceOf(table, there[place], here[place])),
  };
}

/** The same, when a difference is an error. */
export async function assertSame(run: RunContext, sides: { source: Session; target: Session }, tables: readonly Table[]): Promise<void> {
  const [difference] = (await compareTables(run, sides, tables)).differences;
  if (difference !== undefined) throw difference;
}

function differenceOf(table: Table, there: TableDigest | undefined, here: TableDigest | undefined): OperationError[] {
  if (there !== undefined && there.rows === here?.rows && there.sum === here.sum) return [];
  return [
    new OperationError('verification_failed', `table ${table.schema}.${table.name} differs between source and target`, {
      detail: there?.rows === here?.rows ? `Both have ${here?.rows} rows, but not the same ones.` : `The source has ${there?.rows} rows and the target ${here?.rows}.`,
      context: { table: `${table.schema}.${table.name}`, sourceRows: there?.rows ?? null, targetRows: here?.rows ?? null },
    }),
  ];
}
