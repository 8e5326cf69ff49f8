import type { SourceTable } from '../../domain/backup/match-dump.ts';
import type { ServerAddress } from '../../domain/server.ts';
import { connect, type Session } from '../connection.ts';
import { quoteName } from '../quoting.ts';
import { beginOnSnapshot } from '../replication/snapshot.ts';

export interface DumpedTable extends SourceTable {
  /** As of its last VACUUM or ANALYZE: to measure it would take a lock, and wait for one. */
  readonly bytes: number;
  /** Which rows of a table of an extension are the application's: SQL from WHERE on, or empty. */
  readonly condition: string;
}

/**
 * The tables whose rows pg_dump writes, and those whose rows it leaves out, by its own rules: nothing in schemas that begin with
 * `pg_`, of an extension's tables only those it has marked as configuration. Columns that are generated are not dumped.
 */
export async function listDumpedTables(session: Session, { standby }: { readonly standby: boolean }): Promise<DumpedTable[]> {
  return await session.rows<DumpedTable>(
    `SELECT c.oid, n.nspname AS schema, c.relname AS name, (c.relpages::bigint + coalesce(toast.relpages, 0)) * current_setting('block_size')::int AS bytes, coalesce(config.condition, '') AS condition,
            c.relkind = 'r' AND NOT (c.relpersistence = 'u' AND $1) AS dumped,
            (SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]') FROM pg_catalog.pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ${session.major >= 12 ? `AND a.attgenerated = ''` : ''}) AS columns
       FROM pg_catalog.pg_class c
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_catalog.pg_class toast ON toast.oid = c.reltoastrelid
       LEFT JOIN LATERAL (SELECT e.extcondition[place] AS condition FROM pg_catalog.pg_extension e, generate_subscripts(e.extconfig, 1) AS place WHERE e.extconfig[place] = c.oid) AS config ON true
      WHERE c.relkind IN ('r', 'f') AND c.relpersistence <> 't' AND n.nspname !~ '^(pg_|information_schema$)'
        AND (config.condition IS NOT NULL OR NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
      ORDER BY bytes DESC, n.nspname, c.relname`,
    [standby],
  );
}

export interface CountOrder {
  readonly server: ServerAddress;
  readonly database: string;
  readonly purpose: string;
  readonly snapshot: string;
  readonly tables: readonly DumpedTable[];
  readonly lanes: number;
  readonly lockTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** Tables whose locks are held together; a transaction for each one would be many, and one for all would fill the lock table. */
const BATCH = 32;

/** Counts the rows of each table as the snapshot has them, by OID, the largest tables first. */
export async function countRows({ tables, lanes, signal, ...order }: CountOrder): Promise<Map<number, number>> {
  const waiting = tables.filter(({ dumped }) => dumped);
  const rows = new Map<number, number>();
  const lane = async (): Promise<void> => {
    await using session = await connect(order.server, { database: order.database, purpose: order.purpose, settings: { lock_timeout: String(order.lockTimeoutMs) } });
    const cut = (): void => session.destroy();
    signal.addEventListener('abort', cut, { once: true });
    try {
      for (let batch = waiting.splice(0, batchOf(waiting)); batch.length > 0; batch = waiting.splice(0, batchOf(waiting))) {
        await beginOnSnapshot(session, order.snapshot);
        for (const { oid, schema, name, condition } of batch) rows.set(oid, (await session.row<{ rows: number }>(`SELECT count(*) AS rows FROM ONLY ${quoteName(schema, name)} ${condition}`)).rows);
        await session.execute('COMMIT');
      }
    } finally {
      signal.removeEventListener('abort', cut);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return rows;
}

const LARGE = 2 ** 24;

/** A large table by itself, so that the lanes end at about the same time. */
const batchOf = ([first]: readonly DumpedTable[]): number => (first !== undefined && first.bytes > LARGE ? 1 : BATCH);
