import { NAMES_SHOWN, type Names } from '../../domain/preflight/fact.ts';
import type { Session } from '../connection.ts';
import { quoteName } from '../quoting.ts';
import { SQLSTATE, sqlstateOf } from '../sqlstate.ts';

interface ConfigurationTable {
  readonly extension: string;
  readonly schema: string;
  readonly table: string;
  /** Which of its rows are the user's: WHERE and what follows, or nothing for all of them. */
  readonly condition: string;
}

/**
 * Tables of extensions that hold rows of users (pg_extension_config_dump). They belong to the extension, so no copy has them. A table
 * that we may not read counts as one that has some.
 */
export async function readExtensionRows(session: Session): Promise<Names> {
  const tables = await session.rows<ConfigurationTable>(
    `SELECT e.extname::text AS extension, n.nspname AS schema, c.relname AS table, coalesce(e.extcondition[i.place], '') AS condition
       FROM pg_catalog.pg_extension e
      CROSS JOIN LATERAL pg_catalog.generate_subscripts(e.extconfig, 1) AS i (place)
       JOIN pg_catalog.pg_class c ON c.oid = e.extconfig[i.place] AND c.relkind IN ('r', 'p')
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      ORDER BY 1, 2, 3`,
  );
  const found: string[] = [];
  for (const one of tables) if (await hasRows(session, one)) found.push(`${one.extension}: ${one.schema}.${one.table}`);
  return { count: found.length, first: found.slice(0, NAMES_SHOWN) };
}

async function hasRows(session: Session, { schema, table, condition }: ConfigurationTable): Promise<boolean> {
  try {
    return (await session.row<{ some: boolean }>(`SELECT EXISTS (SELECT FROM ${quoteName(schema, table)} ${condition}) AS some`)).some;
  } catch (error) {
    if (sqlstateOf(error) === SQLSTATE.insufficientPrivilege) return true;
    throw error;
  }
}
