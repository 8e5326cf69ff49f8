import type { DatabaseSetting } from '../../domain/preflight/source-facts.ts';
import type { Session } from '../connection.ts';

/** What ALTER DATABASE … SET, and ALTER ROLE … IN DATABASE … SET, say of the session's database. */
export async function readDatabaseSettings(session: Session): Promise<DatabaseSetting[]> {
  return await session.rows<DatabaseSetting>(
    `SELECT r.rolname::text AS role, setting FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) AS setting
      WHERE s.setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
      ORDER BY 1 NULLS FIRST, 2`,
  );
}
