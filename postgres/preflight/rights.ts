import type { Scope } from '../../domain/copy/scope.ts';
import type { SourceRights } from '../../domain/preflight/source-facts.ts';
import type { Names } from '../../domain/preflight/fact.ts';
import type { Session } from '../connection.ts';
import { readNames } from './names.ts';
import { RELATIONS_IN_SCOPE, scopeValues } from './relations-in-scope.ts';

/** What our role may not do with the objects in scope. */
export async function readSourceRights(session: Session, scope: Scope): Promise<SourceRights> {
  const relations = (condition: string): Promise<Names> => readNames(session, `SELECT r.name FROM ${RELATIONS_IN_SCOPE} AS r WHERE ${condition}`, scopeValues(scope));
  return {
    unreadableTables: await relations(`r.relkind IN ('r', 'p') AND NOT (pg_catalog.has_table_privilege(r.oid, 'SELECT') AND pg_catalog.has_schema_privilege(r.schema_oid, 'USAGE'))`),
    unreadableSequences: await relations(`r.relkind = 'S' AND NOT (pg_catalog.has_sequence_privilege(r.oid, 'SELECT') AND pg_catalog.has_schema_privilege(r.schema_oid, 'USAGE'))`),
    unreadableLargeObjects: await countUnreadableLargeObjects(session),
    rowSecurity: await relations(`r.relkind = 'r' AND r.relrowsecurity AND pg_catalog.row_security_active(r.oid)`),
    notOwnedTables: await relations(`r.relkind = 'r' AND r.relpersistence = 'p' AND NOT pg_catalog.pg_has_role(r.relowner, 'USAGE')`),
  };
}

/** has_largeobject_privilege came with 18, so the list of grants is read. */
async function countUnreadableLargeObjects(session: Session): Promise<number> {
  const row = await session.row<{ count: number }>(`
    SELECT count(*)::int AS count FROM pg_catalog.pg_largeobject_metadata l
     WHERE NOT pg_catalog.pg_has_role(l.lomowner, 'USAGE')
       AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(l.lomacl) a
                        WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE')))`);
  return row.count;
}
