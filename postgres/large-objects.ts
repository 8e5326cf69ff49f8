import { mappedRole, type RoleMapping } from '../domain/role-mapping.ts';
import type { Session } from './connection.ts';
import { quoteIdent, quoteLiteral, quoteName } from './quoting.ts';
import { runSchema } from './run-schema.ts';

/** What is kept of owners and grants, and what roles are called on the target. */
export interface KeptRights {
  readonly owners: boolean;
  readonly privileges: boolean;
  readonly roles: RoleMapping;
}

interface ObjectFacts {
  readonly oid: number;
  readonly owner: string;
  readonly comment: string | null;
  /** Null when its owner alone may use it. */
  readonly grants: readonly { readonly grantee: string | null; readonly privilege: string; readonly grantable: boolean }[] | null;
}

/** Objects asked for in one statement, and bytes of each: together what is in memory at once. */
const BATCH = 32;
const CHUNK = 1 << 18;

/** Removes what came to the target after the run began: an attempt before this one. */
export async function dropNewLargeObjects(target: Session, runId: string): Promise<void> {
  const removed = `SELECT count(pg_catalog.lo_unlink(m.oid)) AS removed FROM (
    SELECT oid FROM pg_catalog.pg_largeobject_metadata WHERE NOT EXISTS (
      SELECT FROM ${quoteName(runSchema(runId), 'was_here')} w WHERE w.class = 'pg_catalog.pg_largeobject_metadata'::regclass AND w.object = oid) LIMIT 1000) AS m`;
  while ((await target.row<{ removed: number }>(removed)).removed > 0);
}

/**
 * Copies every large object, with owner, grants and comment, as the source's snapshot sees it (F29). Through the functions
 * that any reader may call, as only superusers may read the table behind them. Gives how many there were.
 */
export async function copyLargeObjects(source: Session, target: Session, keep: KeptRights, onProgress: (objects: number, bytes: number) => void): Promise<{ objects: number; bytes: number }> {
  const done = { objects: 0, bytes: 0 };
  for (let after = 0; ; ) {
    const facts = await readFacts(source, after);
    if (facts.length === 0) return done;
    await target.transaction(async () => {
      done.bytes += await copyContents(source, target, facts.map(({ oid }) => oid));
      const statements = facts.flatMap((one) => propertiesOf(one, keep));
      if (statements.length > 0) await target.execute(statements.join('; '));
    });
    after = facts.at(-1)?.oid ?? after;
    done.objects += facts.length;
    onProgress(done.objects, done.bytes);
  }
}

const readFacts = (source: Session, after: number): Promise<ObjectFacts[]> =>
  source.rows<ObjectFacts>(
    `SELECT m.oid, pg_catalog.pg_get_userbyid(m.lomowner) AS owner, pg_catalog.obj_description(m.oid, 'pg_largeobject') AS comment,
            (SELECT json_agg(json_build_object('grantee', r.rolname, 'privilege', a.privilege_type, 'grantable', a.is_grantable))
               FROM pg_catalog.aclexplode(m.lomacl) a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee WHERE a.grantee <> m.lomowner) AS grants
       FROM pg_catalog.pg_largeobject_metadata m WHERE m.oid > $1::oid ORDER BY m.oid LIMIT ${BATCH}`,
    [after],
  );

/** The first piece of all, then what is left of the longer ones, piece by piece. */
async function copyContents(source: Session, target: Session, oids: readonly number[]): Promise<number> {
  const pieces = await source.rows<{ oid: number; data: string }>(`SELECT oid, pg_catalog.lo_get(oid, 0, ${CHUNK}) AS data FROM unnest($1::oid[]) AS oid`, [oids]);
  await target.execute('SELECT pg_catalog.lo_from_bytea(oid, data) FROM unnest($1::oid[], $2::bytea[]) AS o (oid, data)', [pieces.map(({ oid }) => oid), pieces.map(({ data }) => data)]);
  let bytes = pieces.reduce((sum, { data }) => sum + lengthOf(data), 0);
  for (const { oid, data } of pieces) {
    let last = lengthOf(data);
    for (let at = CHUNK; last === CHUNK; at += CHUNK) {
      const piece = await source.row<{ data: string }>(`SELECT pg_catalog.lo_get($1::oid, $2::bigint, ${CHUNK}) AS data`, [oid, at]);
      last = lengthOf(piece.data);
      if (last > 0) await target.execute('SELECT pg_catalog.lo_put($1::oid, $2::bigint, $3::bytea)', [oid, at, piece.data]);
      bytes += last;
    }
  }
  return bytes;
}

/** Of a bytea in hex, as text. */
const lengthOf = (hex: string): number => (hex.length - 2) / 2;

function propertiesOf({ oid, owner, comment, grants }: ObjectFacts, keep: KeptRights): string[] {
  return [
    ...(keep.owners ? [`ALTER LARGE OBJECT ${oid} OWNER TO ${quoteIdent(mappedRole(keep.roles, owner))}`] : []),
    ...(keep.privileges ? (grants ?? []).map(({ grantee, privilege, grantable }) => `GRANT ${privilege} ON LARGE OBJECT ${oid} TO ${grantee === null ? 'PUBLIC' : quoteIdent(mappedRole(keep.roles, grantee))}${grantable ? ' WITH GRANT OPTION' : ''}`) : []),
    ...(comment === null ? [] : [`COMMENT ON LARGE OBJECT ${oid} IS ${quoteLiteral(comment)}`]),
  ];
}
