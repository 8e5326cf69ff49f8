import type { TableFacts } from '../../domain/copy/plan.ts';
import type { Session } from '../connection.ts';
import { quoteIdent, quoteName } from '../quoting.ts';
import { spliceCopy } from './copy-splice.ts';

export interface RecopiedTable extends Pick<TableFacts, 'schema' | 'name' | 'columns'> {
  readonly format: 'binary' | 'text';
}

/**
 * Copies small tables anew, all or none, into the indexes they have by now: for tables that are not in the log, once nobody
 * writes to them any more (F19). Emptied together, since keys may tie them to each other.
 */
export async function recopyTables(source: Session, target: Session, tables: readonly RecopiedTable[]): Promise<void> {
  if (tables.length === 0) return;
  await target.transaction(async () => {
    await target.execute(`TRUNCATE ${tables.map((table) => `ONLY ${quoteName(table.schema, table.name)}`).join(', ')}`);
    for (const table of tables) {
      const names = table.columns.filter((column) => !column.generated).map((column) => quoteIdent(column.name));
      const what = `${quoteName(table.schema, table.name)}${names.length === 0 ? '' : ` (${names.join(', ')})`}`;
      const how = `WITH (FORMAT ${table.format})`;
      await spliceCopy({ session: source, sql: `COPY ${what} TO STDOUT ${how}` }, { session: target, sql: `COPY ${what} FROM STDIN ${how}` });
    }
  });
}
