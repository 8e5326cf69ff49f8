import { changesBetween, type ObjectRights } from '../domain/object-rights.ts';
import type { Session } from './connection.ts';
import { type DefaultPrivileges, readDefaultPrivileges, resetDefaultPrivileges } from './default-privileges.ts';
import { grantStatements, ownerStatement, readObjectRights } from './object-rights.ts';
import { quoteName } from './quoting.ts';
import { runSchema } from './run-schema.ts';
import { SQLSTATE, sqlstateOf } from './sqlstate.ts';

/** What a migration changes of what was there before it and stays: schema public, the system's objects, default privileges. */
interface RightsHere {
  readonly objects: readonly ObjectRights[];
  readonly defaults: readonly DefaultPrivileges[];
}

/** Writes down who owns and may use what stays, before anything is granted; again keeps the first list. */
export async function recordRightsHere(session: Session, runId: string): Promise<void> {
  const rights: RightsHere = { objects: await readStaying(session), defaults: await readDefaultPrivileges(session) };
  await session.execute(`INSERT INTO ${quoteName(runSchema(runId), 'rights_here')} VALUES (1, $1) ON CONFLICT DO NOTHING`, [JSON.stringify(rights)]);
}

/** Brings that back. What our role may not grant was not granted by us, and a role that is gone has nothing any more. */
export async function restoreRightsHere(session: Session, runId: string): Promise<void> {
  const table = quoteName(runSchema(runId), 'rights_here');
  if (!(await session.row<{ there: boolean }>('SELECT pg_catalog.to_regclass($1) IS NOT NULL AS there', [table])).there) return;
  const before = (await session.maybeRow<{ rights: RightsHere }>(`SELECT rights FROM ${table}`))?.rights;
  if (before === undefined) return;
  for (const now of await readStaying(session, before.objects)) await restore(session, now, before.objects.find(isSame(now)));
  await resetDefaultPrivileges(session, before.defaults);
}

async function restore(session: Session, now: ObjectRights, before: ObjectRights | undefined): Promise<void> {
  const statements = now.ownable && before !== undefined && before.owner !== now.owner ? [ownerStatement(now, before.owner)] : [];
  const owner = before?.owner ?? now.owner;
  // Grants by the owner go over to the next one.
  const heir = (name: string | null): string | null => (name === now.owner ? owner : name);
  const grants = now.grants.map((grant) => ({ ...grant, grantor: heir(grant.grantor) ?? owner, grantee: heir(grant.grantee) }));
  statements.push(...grantStatements({ ...now, owner }, changesBetween(before?.grants ?? now.initial ?? [], { grants, owner })));
  if (statements.length === 0) return;
  await session.execute(statements.join('; ')).catch((error: unknown) => {
    const state = sqlstateOf(error);
    if (state !== SQLSTATE.insufficientPrivilege && state !== SQLSTATE.undefinedObject) throw error;
  });
}

const isSame = (one: ObjectRights) => (other: ObjectRights): boolean => other.type === one.type && other.identity === one.identity && other.column === one.column;

const readStaying = async (session: Session, also: readonly ObjectRights[] = []): Promise<ObjectRights[]> =>
  (await readObjectRights(session, { also: also.map(({ identity }) => identity) })).filter(({ initial, type, identity }) => initial !== null || (type === 'schema' && identity === 'public'));
