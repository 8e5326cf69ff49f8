import type { IndexFacts } from '../../domain/copy/plan.ts';
import type { Session } from '../connection.ts';
import { missingIndexStatements } from '../indexes.ts';
import { quoteLiteral, quoteName } from '../quoting.ts';
import { runSchema } from '../run-schema.ts';
import { type SpliceOptions, type SpliceResult, spliceCopy } from './copy-splice.ts';
import { copyIn, copyOut, type UnitOrder } from './copy-unit.ts';

export interface GroupOrder {
  readonly runId: string;
  readonly generation: number;
  readonly members: readonly GroupMember[];
}

/** A whole table. */
export interface GroupMember {
  readonly unit: UnitOrder['unit'];
  readonly table: UnitOrder['table'] & { readonly indexes: readonly IndexFacts[] };
}

export interface GroupOptions extends Pick<SpliceOptions, 'signal'> {
  readonly onTable?: (done: number) => void;
  /** Looks at the tables as they are now, before the commit; what it throws takes them back. */
  readonly check?: (tables: readonly GroupMember['table'][]) => Promise<void>;
}

/**
 * Copies small tables and finishes them (indexes, constraints, statistics) in one transaction with their ledger rows, so that
 * one is either finished or untouched, and a statement that is sent for all of them is sent once. As with single units, a
 * second attempt waits for the first and finds what it did.
 *
 * `source` is inside a transaction on the exported snapshot; `target` is idle.
 */
export async function copyGroup(source: Session, target: Session, order: GroupOrder, options: GroupOptions = {}): Promise<{ rows: number; bytes: number }> {
  const ledger = quoteName(runSchema(order.runId), 'ledger');
  return await target.transaction(async () => {
    const open = await claim(target, ledger, order);
    if (open.length > 0) {
      await empty(target, open);
      await source.execute('SET extra_float_digits = 3'); // a comparison may have left fewer, and then text would round
      const copied = await copyEach({ source, target, order }, open, options);
      await finish(target, { ledger, finished: quoteName(runSchema(order.runId), 'finished') }, copied);
      await options.check?.(open.map(({ table }) => table));
    }
    return await target.row<{ rows: number; bytes: number }>(`SELECT sum(rows)::bigint AS rows, sum(bytes)::bigint AS bytes FROM ${ledger} WHERE unit = ANY ($1::int[])`, [order.members.map(({ unit }) => unit.unit)]);
  });
}

/** The members that nobody has copied yet. */
async function claim(target: Session, ledger: string, { generation, members }: GroupOrder): Promise<GroupMember[]> {
  const claims = members.map(({ unit, table }) => `(${unit.unit}, ${quoteLiteral(table.schema)}, ${quoteLiteral(table.name)}, ${generation}, 0, 0)`);
  const claimed = await target.rows<{ unit: number }>(`INSERT INTO ${ledger} (unit, table_schema, table_name, generation, rows, bytes) VALUES ${claims.join(', ')} ON CONFLICT (unit) DO NOTHING RETURNING unit`);
  const units = new Set(claimed.map(({ unit }) => unit));
  return members.filter(({ unit }) => units.has(unit.unit));
}

/** They are empty, but for what a worker that was given up may bring this very moment. Emptying one anew by TRUNCATE would cost new files, and a flush. */
async function empty(target: Session, members: readonly GroupMember[]): Promise<void> {
  const tables = members.map(({ table }) => `ONLY ${quoteName(table.schema, table.name)}`);
  await target.execute([`LOCK TABLE ${tables.join(', ')} IN SHARE ROW EXCLUSIVE MODE`, ...tables.map((table) => `DELETE FROM ${table}`)].join('; '));
}

type Copied = GroupMember & { readonly result: SpliceResult };

async function copyEach({ source, target, order }: { source: Session; target: Session; order: GroupOrder }, members: readonly GroupMember[], { signal, onTable }: GroupOptions): Promise<Copied[]> {
  const copied: Copied[] = [];
  for (const member of members) {
    onTable?.(copied.length);
    const unit = { ...order, ...member };
    const result = await spliceCopy({ session: source, sql: copyOut(unit) }, { session: target, sql: copyIn(unit, false) }, signal === undefined ? {} : { signal });
    copied.push({ ...member, result });
  }
  return copied;
}

async function finish(target: Session, { ledger, finished }: { ledger: string; finished: string }, copied: readonly Copied[]): Promise<void> {
  const tables = copied.map(({ table }) => table);
  const counts = copied.map(({ unit, result }) => `(${unit.unit}, ${result.rows}, ${result.bytes})`);
  const names = tables.map(({ schema, name }) => `(${quoteLiteral(schema)}, ${quoteLiteral(name)})`);
  await target.execute(
    [
      ...(await missingIndexStatements(target, tables)),
      `ANALYZE ${tables.map(({ schema, name }) => quoteName(schema, name)).join(', ')}`,
      `UPDATE ${ledger} SET rows = c.rows, bytes = c.bytes, copied_at = clock_timestamp() FROM (VALUES ${counts.join(', ')}) AS c (unit, rows, bytes) WHERE ledger.unit = c.unit`,
      `INSERT INTO ${finished} VALUES ${names.join(', ')} ON CONFLICT DO NOTHING`,
    ].join(';\n'),
  );
}
