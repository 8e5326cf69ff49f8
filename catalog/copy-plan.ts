import type { CopyUnit, TableFacts } from '../domain/copy/plan.ts';
import type { Publishing } from '../domain/copy/publishing.ts';
import type { Lsn } from '../domain/lsn.ts';
import type { Session } from '../postgres/connection.ts';
import type { Catalog } from './open-catalog.ts';

/** A table of the plan as it is kept: its facts, how its rows travel, and how its changes are published. */
export interface PlannedTable extends TableFacts {
  /** Its OID on the source. */
  readonly oid: number;
  readonly format: 'binary' | 'text';
  readonly publish: Publishing;
}

export interface NumberedTable {
  readonly table: number;
  readonly generation: number;
  readonly facts: PlannedTable;
}

/** Rows sent in one statement. */
const BATCH = 500;

/** Keeps the tables of a run; again changes nothing. */
export async function recordTables(catalog: Catalog, runId: string, tables: readonly NumberedTable[]): Promise<void> {
  await catalog.sessions.transaction(async (session) => {
    for (let at = 0; at < tables.length; at += BATCH) {
      await session.execute(
        `INSERT INTO pgconvoy.copy_table (run_id, table_no, generation, facts)
         SELECT $1, t.table, t.generation, t.facts
           FROM jsonb_to_recordset($2::jsonb) AS t ("table" int, generation int, facts jsonb)
         ON CONFLICT DO NOTHING`,
        [runId, JSON.stringify(tables.slice(at, at + BATCH))],
      );
    }
  });
}

/** Keeps the units of a generation and moves their tables to it, in one transaction; again replaces them. */
export async function recordUnits(catalog: Catalog, order: { runId: string; generation: number; units: readonly CopyUnit[] }): Promise<void> {
  const { runId, generation, units } = order;
  await catalog.sessions.transaction(async (session) => {
    await session.execute('DELETE FROM pgconvoy.copy_unit WHERE run_id = $1 AND generation = $2', [runId, generation]);
    for (let at = 0; at < units.length; at += BATCH) await insertUnits(session, { runId, generation, units: units.slice(at, at + BATCH) });
    await session.execute(
      `UPDATE pgconvoy.copy_table SET generation = $2
        WHERE run_id = $1 AND table_no IN (SELECT table_no FROM pgconvoy.copy_unit WHERE run_id = $1 AND generation = $2)`,
      [runId, generation],
    );
  });
}

async function insertUnits(session: Session, order: { runId: string; generation: number; units: readonly CopyUnit[] }): Promise<void> {
  await session.execute(
    `INSERT INTO pgconvoy.copy_unit (run_id, unit_no, table_no, parcel_no, generation, from_page, to_page, bytes)
     SELECT $1, u.unit, u.table, u.parcel, $2, u."from", u."to", round(u.bytes)::bigint
       FROM jsonb_to_recordset($3::jsonb) AS u (unit int, "table" int, parcel int, "from" bigint, "to" bigint, bytes numeric)`,
    [order.runId, order.generation, JSON.stringify(order.units)],
  );
}

/** The tables of a run, all or those of one generation, in the order of their numbers. */
export async function readTables(catalog: Catalog, runId: string, generation?: number): Promise<NumberedTable[]> {
  return await catalog.sessions.use((session) =>
    session.rows<NumberedTable>(
      `SELECT table_no AS "table", generation, facts FROM pgconvoy.copy_table
        WHERE run_id = $1 AND ($2::int IS NULL OR generation = $2) ORDER BY table_no`,
      [runId, generation],
    ),
  );
}

/** One table of a run. */
export async function readTable(catalog: Catalog, runId: string, table: number): Promise<NumberedTable> {
  return await catalog.sessions.use((session) =>
    session.row<NumberedTable>('SELECT table_no AS "table", generation, facts FROM pgconvoy.copy_table WHERE run_id = $1 AND table_no = $2', [runId, table]),
  );
}

const UNIT_COLUMNS = `unit_no AS unit, table_no AS "table", parcel_no AS parcel, from_page AS "from", to_page AS "to", bytes`;

type UnitRow = Omit<CopyUnit, 'from' | 'to'> & { readonly from: number | null; readonly to: number | null };

const toUnit = ({ from, to, ...unit }: UnitRow): CopyUnit => ({ ...unit, ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) });

/** The units of a parcel, biggest first. */
export async function readParcel(catalog: Catalog, runId: string, parcel: number): Promise<CopyUnit[]> {
  const rows = await catalog.sessions.use((session) =>
    session.rows<UnitRow>(`SELECT ${UNIT_COLUMNS} FROM pgconvoy.copy_unit WHERE run_id = $1 AND parcel_no = $2 ORDER BY bytes DESC, unit_no`, [runId, parcel]),
  );
  return rows.map(toUnit);
}

/** The tables that the units of a parcel belong to. */
export async function readParcelTables(catalog: Catalog, runId: string, parcel: number): Promise<Map<number, NumberedTable>> {
  const rows = await catalog.sessions.use((session) =>
    session.rows<NumberedTable>(
      `SELECT table_no AS "table", generation, facts FROM pgconvoy.copy_table t
        WHERE run_id = $1 AND EXISTS (SELECT FROM pgconvoy.copy_unit u WHERE u.run_id = t.run_id AND u.table_no = t.table_no AND u.parcel_no = $2)`,
      [runId, parcel],
    ),
  );
  return new Map(rows.map((row) => [row.table, row]));
}

/** The units of the generation each table is in now: those that count. */
export async function readCurrentUnits(catalog: Catalog, runId: string): Promise<CopyUnit[]> {
  const rows = await catalog.sessions.use((session) =>
    session.rows<UnitRow>(
      `SELECT ${UNIT_COLUMNS} FROM pgconvoy.copy_unit u JOIN pgconvoy.copy_table t USING (run_id, table_no, generation) WHERE run_id = $1`,
      [runId],
    ),
  );
  return rows.map(toUnit);
}

/** The highest unit and parcel number of a run; 0 when there is none. */
export async function readHighestNumbers(catalog: Catalog, runId: string): Promise<{ unit: number; parcel: number }> {
  return await catalog.sessions.use((session) =>
    session.row<{ unit: number; parcel: number }>(
      'SELECT coalesce(max(unit_no), 0) AS unit, coalesce(max(parcel_no), 0) AS parcel FROM pgconvoy.copy_unit WHERE run_id = $1',
      [runId],
    ),
  );
}

/** Keeps the snapshot of a generation. */
export async function recordSnapshot(catalog: Catalog, snapshot: { runId: string; generation: number; name: string; lsn: Lsn }): Promise<void> {
  await catalog.sessions.use((session) =>
    session.execute(
      `INSERT INTO pgconvoy.snapshot (run_id, generation, snapshot_name, lsn) VALUES ($1, $2, $3, $4)
       ON CONFLICT (run_id, generation) DO UPDATE SET snapshot_name = excluded.snapshot_name, lsn = excluded.lsn, taken_at = clock_timestamp()`,
      [snapshot.runId, snapshot.generation, snapshot.name, snapshot.lsn],
    ),
  );
}

/** The snapshot's name of a generation. */
export async function readSnapshotName(catalog: Catalog, runId: string, generation: number): Promise<string> {
  const row = await catalog.sessions.use((session) =>
    session.row<{ name: string }>('SELECT snapshot_name AS name FROM pgconvoy.snapshot WHERE run_id = $1 AND generation = $2', [runId, generation]),
  );
  return row.name;
}
