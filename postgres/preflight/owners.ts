import type { Session } from '../connection.ts';
import { NOT_SYSTEM_SCHEMA } from '../tables.ts';

export interface Owners {
  /** Ordinary roles that own the session's database, a schema or a relation in it. */
  readonly owners: readonly string[];
  /** Superusers that own a relation in it. */
  readonly superusers: readonly string[];
  readonly ownedBySuperuser: boolean;
}

/** Who owns what is in the session's database. The server's own roles do not count. */
export async function readOwners(session: Session): Promise<Owners> {
  return await session.row<Owners>(`
    WITH relation_owner AS (
      SELECT DISTINCT c.relowner AS oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE ${NOT_SYSTEM_SCHEMA}),
    owner AS (
      SELECT oid FROM relation_owner
      UNION SELECT datdba FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()
      UNION SELECT n.nspowner FROM pg_catalog.pg_namespace n WHERE ${NOT_SYSTEM_SCHEMA})
    SELECT ARRAY(SELECT r.rolname::text FROM pg_catalog.pg_roles r JOIN owner USING (oid) WHERE NOT r.rolsuper AND r.rolname !~ '^pg_' ORDER BY 1) AS owners,
           ARRAY(SELECT r.rolname::text FROM pg_catalog.pg_roles r JOIN relation_owner USING (oid) WHERE r.rolsuper ORDER BY 1) AS superusers,
           (SELECT r.rolsuper FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.oid = d.datdba WHERE d.datname = pg_catalog.current_database()) AS "ownedBySuperuser"`);
}
