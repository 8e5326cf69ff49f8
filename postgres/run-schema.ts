import type { Session } from './connection.ts';
import { quoteIdent, quoteLiteral, quoteName } from './quoting.ts';
import { OUR_PREFIX } from './tables.ts';

/** The schema of a run on either server; slots, publications and subscriptions carry the same name with a suffix. */
export const runSchema = (runId: string): string => `${OUR_PREFIX}${runId}`;

/** The name of a generation's slot, publication and subscription. */
export const generationName = (runId: string, generation: number): string => `${runSchema(runId)}_g${generation}`;

/** The publication for tables of which only INSERTs are carried, since their rows cannot be addressed. */
export const insertOnlyName = (runId: string, generation: number): string => `${generationName(runId, generation)}_inserts`;

/**
 * Our schema on the target: the ledger of copied units, and the list of what there was before us, so that an abort removes
 * ours and nothing else.
 */
export async function ensureTargetSchema(session: Session, runId: string): Promise<void> {
  const schema = quoteIdent(runSchema(runId));
  await session.execute(`
    CREATE SCHEMA IF NOT EXISTS ${schema};
    CREATE TABLE IF NOT EXISTS ${schema}.ledger (
      unit int PRIMARY KEY, table_schema text NOT NULL, table_name text NOT NULL, generation int NOT NULL,
      rows bigint NOT NULL, bytes bigint NOT NULL, copied_at timestamptz NOT NULL DEFAULT clock_timestamp());
    CREATE TABLE IF NOT EXISTS ${schema}.finished (
      table_schema text NOT NULL, table_name text NOT NULL, PRIMARY KEY (table_schema, table_name));
    CREATE TABLE IF NOT EXISTS ${schema}.was_here (class oid NOT NULL, object oid NOT NULL, PRIMARY KEY (class, object));
    CREATE TABLE IF NOT EXISTS ${schema}.rights_here (one int PRIMARY KEY CHECK (one = 1), rights json NOT NULL);
    CREATE TABLE IF NOT EXISTS ${schema}.made_role (name text PRIMARY KEY)`);
}

/** Our schema on the source: heartbeats, and the replica identities that we changed. */
export async function ensureSourceSchema(session: Session, runId: string): Promise<void> {
  const schema = quoteIdent(runSchema(runId));
  await session.execute(`
    CREATE SCHEMA IF NOT EXISTS ${schema};
    CREATE TABLE IF NOT EXISTS ${schema}.changed_identity (
      table_schema text NOT NULL, table_name text NOT NULL, previous text NOT NULL, PRIMARY KEY (table_schema, table_name))`);
}

/**
 * The heartbeat of a generation, published with its tables: a row that is written on the source and seen on the target
 * proves that every transaction committed before it has been applied, whatever positions the servers report (F42, F53).
 */
export async function ensureHeartbeatTable(session: Session, runId: string, generation: number): Promise<void> {
  const table = heartbeatTable(runId, generation);
  await session.execute(`
    CREATE TABLE IF NOT EXISTS ${table} (id int PRIMARY KEY, token text NOT NULL, sent_at timestamptz NOT NULL)`);
}

export const heartbeatTable = (runId: string, generation: number): string => quoteName(runSchema(runId), `heartbeat_g${generation}`);

/** Writes a token; durable when it returns. Gives the log position right after its commit. */
export async function sendHeartbeat(session: Session, beat: { runId: string; generation: number; token: string }): Promise<string> {
  await session.execute(`
    INSERT INTO ${heartbeatTable(beat.runId, beat.generation)} VALUES (1, ${quoteLiteral(beat.token)}, clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET token = excluded.token, sent_at = excluded.sent_at`);
  return (await session.row<{ lsn: string }>('SELECT pg_catalog.pg_current_wal_lsn() AS lsn')).lsn;
}

/** The newest token that has arrived, and the milliseconds since it was sent, by the source's own clock in both cases. */
export async function readHeartbeat(session: Session, runId: string, generation: number): Promise<{ token: string; sentAt: string } | undefined> {
  return await session.maybeRow<{ token: string; sentAt: string }>(`SELECT token, sent_at::text AS "sentAt" FROM ${heartbeatTable(runId, generation)} WHERE id = 1`);
}

/** Notes that a table has its rows, indexes and constraints. */
export async function markFinished(session: Session, runId: string, table: { readonly schema: string; readonly name: string }): Promise<void> {
  await session.execute(`INSERT INTO ${quoteName(runSchema(runId), 'finished')} VALUES ($1, $2) ON CONFLICT DO NOTHING`, [table.schema, table.name]);
}

/** The tables that are finished, each as its quoted name. */
export async function listFinished(session: Session, runId: string): Promise<Set<string>> {
  const rows = await session.rows<{ schema: string; name: string }>(`SELECT table_schema AS schema, table_name AS name FROM ${quoteName(runSchema(runId), 'finished')}`);
  return new Set(rows.map((row) => quoteName(row.schema, row.name)));
}

/** Drops our schema on either server; fine if it is gone. */
export async function dropRunSchema(session: Session, runId: string): Promise<void> {
  await session.execute(`DROP SCHEMA IF EXISTS ${quoteIdent(runSchema(runId))} CASCADE`);
}
