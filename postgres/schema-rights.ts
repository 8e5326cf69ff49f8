import { mappedRole, type RoleMapping } from '../domain/role-mapping.ts';
import type { Session } from './connection.ts';
import { quoteIdent } from './quoting.ts';
import { SQLSTATE, sqlstateOf } from './sqlstate.ts';
import { NOT_SYSTEM_SCHEMA } from './tables.ts';

/** A role that owns something in a schema that is not its own. */
export interface SchemaGuest {
  readonly schema: string;
  readonly role: string;
  /** What it was granted there expressly, on the source. */
  readonly granted: readonly string[];
}

const OWNED = [
  ['pg_class', 'relowner', 'relnamespace'],
  ['pg_type', 'typowner', 'typnamespace'],
  ['pg_proc', 'proowner', 'pronamespace'],
  ['pg_operator', 'oprowner', 'oprnamespace'],
  ['pg_opclass', 'opcowner', 'opcnamespace'],
  ['pg_opfamily', 'opfowner', 'opfnamespace'],
  ['pg_collation', 'collowner', 'collnamespace'],
  ['pg_conversion', 'conowner', 'connamespace'],
  ['pg_ts_config', 'cfgowner', 'cfgnamespace'],
  ['pg_ts_dict', 'dictowner', 'dictnamespace'],
  ['pg_statistic_ext', 'stxowner', 'stxnamespace'],
] as const;

/** Under the names that roles have on the target. Of several roles that become one, what each was granted. */
export async function listSchemaGuests(source: Session, mapping: RoleMapping = {}): Promise<SchemaGuest[]> {
  const owned = OWNED.map(([catalog, owner, namespace]) => `SELECT ${owner} AS owner, ${namespace} AS namespace FROM pg_catalog.${catalog}`).join(' UNION ');
  const guests = await source.rows<SchemaGuest>(`
    SELECT n.nspname AS schema, r.rolname AS role,
           ARRAY(SELECT a.privilege_type::text FROM pg_catalog.aclexplode(n.nspacl) a WHERE a.grantee = r.oid) AS granted
      FROM (${owned}) AS o
      JOIN pg_catalog.pg_namespace n ON n.oid = o.namespace
      JOIN pg_catalog.pg_roles r ON r.oid = o.owner
     WHERE n.nspowner <> r.oid AND ${NOT_SYSTEM_SCHEMA}
     ORDER BY 1, 2`);
  return guests.map((guest) => ({ ...guest, role: mappedRole(mapping, guest.role) }));
}

const LENT = ['USAGE', 'CREATE'] as const;

/**
 * Lets guests make objects in the schemas for as long as `work` takes: an object can be given only to a role that could have
 * made it there, unless a superuser gives it, and pg_restore grants rights after it has given objects. What the source does
 * not grant is taken back. Schemas that our role may not grant in stay as they are.
 */
export async function withGuestRights<T>(target: Session, guests: readonly SchemaGuest[], work: () => Promise<T>): Promise<T> {
  const change = async (statements: readonly string[]): Promise<void> => {
    for (const statement of statements) {
      await target.execute(statement).catch((error: unknown) => {
        const state = sqlstateOf(error);
        if (state !== SQLSTATE.insufficientPrivilege && state !== SQLSTATE.undefinedObject && state !== UNDEFINED_SCHEMA) throw error;
      });
    }
  };
  await change(guests.map(({ schema, role }) => `GRANT ${LENT.join(', ')} ON SCHEMA ${quoteIdent(schema)} TO ${quoteIdent(role)}`));
  try {
    return await work();
  } finally {
    const back = guests.map((guest) => ({ ...guest, lent: LENT.filter((right) => !guest.granted.includes(right)) })).filter(({ lent }) => lent.length > 0);
    await change(back.map(({ schema, role, lent }) => `REVOKE ${lent.join(', ')} ON SCHEMA ${quoteIdent(schema)} FROM ${quoteIdent(role)}`));
  }
}

const UNDEFINED_SCHEMA = '3F000';
