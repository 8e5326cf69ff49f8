import type { Names } from '../../domain/preflight/fact.ts';
import type { Session } from '../connection.ts';
import { OUR_PREFIX } from '../tables.ts';
import { readNames } from './names.ts';

const ours = (column: string): string => `left(${column}, ${OUR_PREFIX.length}) = '${OUR_PREFIX}'`;

/** Whatever on the server or in the database carries our prefix (F63). */
export const readLeftovers = (session: Session): Promise<Names> =>
  readNames(
    session,
    `SELECT 'slot ' || slot_name AS name FROM pg_catalog.pg_replication_slots WHERE ${ours('slot_name')} AND NOT temporary
     UNION ALL SELECT 'publication ' || pubname FROM pg_catalog.pg_publication WHERE ${ours('pubname')}
     UNION ALL SELECT 'subscription ' || subname FROM pg_catalog.pg_subscription WHERE ${ours('subname')}
     UNION ALL SELECT 'schema ' || nspname FROM pg_catalog.pg_namespace WHERE ${ours('nspname')}`,
  );

/** Sessions of superusers in a database, other than our role's own: only a superuser can end them. */
export const readSuperuserSessions = (session: Session, database: string): Promise<Names> =>
  readNames(
    session,
    `SELECT 'pid ' || a.pid || ' of ' || a.usename AS name FROM pg_catalog.pg_stat_activity a JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid
      WHERE r.rolsuper AND a.datname = $1 AND a.usename <> current_user`,
    [database],
  );
