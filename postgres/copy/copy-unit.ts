import type { Column } from '../../domain/copy/column-type.ts';
import type { CopyUnit } from '../../domain/copy/plan.ts';
import type { Session } from '../connection.ts';
import { quoteIdent, quoteLiteral, quoteName } from '../quoting.ts';
import { runSchema } from '../run-schema.ts';
import { type SpliceOptions, spliceCopy } from './copy-splice.ts';

export interface UnitOrder {
  readonly runId: string;
  readonly generation: number;
  readonly unit: CopyUnit;
  readonly table: { readonly schema: string; readonly name: string; readonly columns: readonly Column[]; readonly format: 'binary' | 'text' };
}

export type UnitResult = { readonly rows: number; readonly bytes: number; readonly outcome: 'copied' | 'present' };

/**
 * Copies one unit. Its ledger row is claimed first and commits with the data: a second attempt, also one that runs at the
 * same time, either waits and finds the unit done or does it; no row is ever doubled and a crash loses nothing (F51, F56).
 *
 * `source` is inside a transaction on the exported snapshot; `target` is idle.
 */
export async function copyUnit(source: Session, target: Session, order: UnitOrder, options: SpliceOptions = {}): Promise<UnitResult> {
  const { runId, generation, unit, table } = order;
  const ledger = quoteName(runSchema(runId), 'ledger');
  const relation = quoteName(table.schema, table.name);
  const whole = unit.from === undefined;
  return await target.transaction(async () => {
    const claimed = await target.execute(
      `INSERT INTO ${ledger} (unit, table_schema, table_name, generation, rows, bytes) VALUES ($1, $2, $3, $4, 0, 0) ON CONFLICT (unit) DO NOTHING`,
      [unit.unit, table.schema, table.name, generation],
    );
    if (claimed === 0) {
      const done = await target.row<{ rows: number; bytes: number }>(`SELECT rows, bytes FROM ${ledger} WHERE unit = $1`, [unit.unit]);
      return { ...done, outcome: 'present' };
    }
    // Truncated in the data's own transaction, so that COPY may freeze the rows: no vacuum has to visit them again.
    if (whole) await target.execute(`TRUNCATE ONLY ${relation}`);
    await source.execute('SET extra_float_digits = 3'); // a comparison may have left fewer, and then text would round
    const { rows, bytes } = await spliceCopy({ session: source, sql: copyOut(order) }, { session: target, sql: copyIn(order, whole) }, options);
    await target.execute(`UPDATE ${ledger} SET rows = $2, bytes = $3, copied_at = clock_timestamp() WHERE unit = $1`, [unit.unit, rows, bytes]);
    return { rows, bytes, outcome: 'copied' };
  });
}

/** A list of columns, or nothing for a table that has none to copy (F14). */
const columnList = (columns: readonly Column[]): string => {
  const names = copied(columns);
  return names.length === 0 ? '' : ` (${names.join(', ')})`;
};

const copied = (columns: readonly Column[]): string[] => columns.filter((column) => !column.generated).map((column) => quoteIdent(column.name));

/** The COPY that sends the rows of a unit. */
export function copyOut({ table, unit }: Pick<UnitOrder, 'table' | 'unit'>): string {
  const relation = quoteName(table.schema, table.name);
  const format = `WITH (FORMAT ${table.format})`;
  if (unit.from === undefined) return `COPY ${relation}${columnList(table.columns)} TO STDOUT ${format}`;
  const upper = unit.to === undefined ? '' : ` AND ctid < ${quoteLiteral(`(${unit.to},0)`)}::tid`;
  return `COPY (SELECT ${copied(table.columns).join(', ')} FROM ONLY ${relation} WHERE ctid >= ${quoteLiteral(`(${unit.from},0)`)}::tid${upper}) TO STDOUT ${format}`;
}

/** The COPY that takes them; to freeze, the table has to be emptied in the same transaction. */
export const copyIn = ({ table }: Pick<UnitOrder, 'table'>, freeze: boolean): string =>
  `COPY ${quoteName(table.schema, table.name)}${columnList(table.columns)} FROM STDIN WITH (FORMAT ${table.format}${freeze ? ', FREEZE' : ''})`;

/** Units of a run that are in the ledger, with what each brought. */
export async function readLedger(target: Session, runId: string): Promise<{ unit: number; rows: number; bytes: number }[]> {
  return await target.rows(`SELECT unit, rows, bytes FROM ${quoteName(runSchema(runId), 'ledger')} ORDER BY unit`);
}

/** Empties a table that has to be copied anew under another snapshot, and forgets its units. */
export async function resetTable(target: Session, runId: string, table: { readonly schema: string; readonly name: string }): Promise<void> {
  await target.transaction(async () => {
    await target.execute(`TRUNCATE ONLY ${quoteName(table.schema, table.name)}`);
    await target.execute(`DELETE FROM ${quoteName(runSchema(runId), 'ledger')} WHERE table_schema = $1 AND table_name = $2`, [table.schema, table.name]);
  });
}
