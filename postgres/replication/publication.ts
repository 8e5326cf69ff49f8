import type { Session } from '../connection.ts';
import { quoteIdent, quoteName } from '../quoting.ts';
import { runSchema } from '../run-schema.ts';

interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** Creates a publication of exactly these tables; fine if it is there. Its tables are leaves: what carries rows is what is published. */
export async function ensurePublication(session: Session, order: { name: string; tables: readonly string[]; publish?: string }): Promise<void> {
  const present = await session.maybeRow('SELECT 1 AS one FROM pg_catalog.pg_publication WHERE pubname = $1', [order.name]);
  if (present !== undefined) return;
  const options = order.publish === undefined ? '' : ` WITH (publish = '${order.publish}')`;
  const only = order.tables.map((table) => `ONLY ${table}`).join(', ');
  await session.execute(`CREATE PUBLICATION ${quoteIdent(order.name)} FOR TABLE ${only}${options}`);
}

/** Takes tables out of a publication, those that are in it. */
export async function unpublishTables(session: Session, publication: string, tables: readonly TableName[]): Promise<void> {
  const members = await session.rows<{ schema: string; name: string }>(
    'SELECT schemaname AS schema, tablename AS name FROM pg_catalog.pg_publication_tables WHERE pubname = $1',
    [publication],
  );
  const wanted = new Set(tables.map((table) => quoteName(table.schema, table.name)));
  const leaving = members.map((table) => quoteName(table.schema, table.name)).filter((table) => wanted.has(table));
  if (leaving.length > 0) await session.execute(`ALTER PUBLICATION ${quoteIdent(publication)} DROP TABLE ${leaving.map((table) => `ONLY ${table}`).join(', ')}`);
}

/** Drops one publication; fine if it is gone. */
export async function dropPublication(session: Session, name: string): Promise<void> {
  await session.execute(`DROP PUBLICATION IF EXISTS ${quoteIdent(name)}`);
}

/** Drops every publication of a run; fine if there is none. */
export async function dropPublications(session: Session, prefix: string): Promise<void> {
  const rows = await session.rows<{ name: string }>('SELECT pubname AS name FROM pg_catalog.pg_publication WHERE left(pubname, length($1)) = $1', [prefix]);
  for (const { name } of rows) await dropPublication(session, name);
}

/** Sets REPLICA IDENTITY FULL on a table that has no other, keeping in our schema what it was before. */
export async function ensureFullIdentity(session: Session, runId: string, table: TableName): Promise<void> {
  await session.transaction(async () => {
    await session.execute(
      `INSERT INTO ${quoteName(runSchema(runId), 'changed_identity')}
       SELECT n.nspname, c.relname, c.relreplident FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = $2 AND c.relreplident IN ('d', 'n') ON CONFLICT DO NOTHING`,
      [table.schema, table.name],
    );
    await session.execute(`ALTER TABLE ONLY ${quoteName(table.schema, table.name)} REPLICA IDENTITY FULL`);
  });
}

/** Puts back the replica identities that {@link ensureFullIdentity} changed. */
export async function restoreIdentities(session: Session, runId: string): Promise<void> {
  const known = await session.row<{ there: boolean }>('SELECT pg_catalog.to_regclass($1) IS NOT NULL AS there', [quoteName(runSchema(runId), 'changed_identity')]);
  if (!known.there) return;
  const rows = await session.rows<{ schema: string; name: string; previous: string }>(
    `SELECT table_schema AS schema, table_name AS name, previous FROM ${quoteName(runSchema(runId), 'changed_identity')}`,
  );
  for (const { schema, name, previous } of rows) {
    const identity = previous === 'n' ? 'NOTHING' : 'DEFAULT';
    await session.execute(`ALTER TABLE IF EXISTS ONLY ${quoteName(schema, name)} REPLICA IDENTITY ${identity}`);
  }
}
