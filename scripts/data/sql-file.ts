import { readFile } from 'node:fs/promises';

import type { Session } from '../../postgres/connection.ts';

/** Rows to make, by table; `:rows(<table>)` in the SQL becomes the number. */
export type RowCounts = Readonly<Record<string, number>>;

export interface SqlStep {
  /** What a person reads while it runs. */
  readonly title: string;
  /** Relative to `scripts/data/`. */
  readonly file: string;
}

/**
 * Runs the steps in turn in one session, because the generators are temporary objects of it, and gathers statistics. Those not in
 * a step: the statements of a step are one transaction, in which ANALYZE keeps the lock of each table and meets autovacuum, which
 * wakes up when loading takes a minute, in a deadlock. By itself it is a transaction for each table.
 */
export async function runSteps(session: Session, steps: readonly SqlStep[], options: { rows: RowCounts; onStep?: (title: string) => void }): Promise<void> {
  for (const step of steps) {
    options.onStep?.(step.title);
    const text = await readFile(new URL(step.file, import.meta.url), 'utf8');
    await session.execute(withCounts(text, options.rows));
  }
  await session.execute('ANALYZE');
}

function withCounts(text: string, rows: RowCounts): string {
  return text.replaceAll(/:rows\((\w+)\)/g, (_, table: string) => {
    const count = rows[table];
    if (count === undefined) throw new RangeError(`no row count for table ${table}`);
    return String(count);
  });
}

/** What was measured once: these rows make a database of `bytes`, of which `fixedBytes` are there whatever the counts. */
export interface MeasuredSize {
  readonly rows: RowCounts;
  readonly bytes: number;
  readonly fixedBytes: number;
}

/** Counts for a database of `bytes`. Never below ten, so that the references between the tables have something to point at. */
export function rowsFor(bytes: number, measured: MeasuredSize): RowCounts {
  const factor = Math.max(0, bytes - measured.fixedBytes) / (measured.bytes - measured.fixedBytes);
  return Object.fromEntries(Object.entries(measured.rows).map(([table, count]) => [table, Math.max(10, Math.round(count * factor))]));
}
