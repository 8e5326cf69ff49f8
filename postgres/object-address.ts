import type { Session } from './connection.ts';
import { SQLSTATE, sqlstateOf } from './sqlstate.ts';

/** Where an object of the database stands in the catalogs. */
export interface CatalogEntry {
  /** OID of the catalog, which is the same on every server. */
  readonly catalog: number;
  readonly object: number;
}

/** How an object is found in another database, by names alone. */
export interface ObjectAddress {
  readonly type: string;
  readonly names: readonly string[];
  readonly args: readonly string[];
}

/** The address of an object; undefined when it is gone. */
export async function readAddress(session: Session, { catalog, object }: CatalogEntry): Promise<ObjectAddress | undefined> {
  const address = await session.row<{ type: string | null; names: string[] | null; args: string[] | null }>(
    'SELECT type, object_names AS names, object_args AS args FROM pg_catalog.pg_identify_object_as_address($1, $2, 0)',
    [catalog, object],
  );
  return address.type === null || address.names === null ? undefined : { type: address.type, names: address.names, args: address.args ?? [] };
}

const NOT_THERE: readonly (string | undefined)[] = [SQLSTATE.undefinedObject, SQLSTATE.undefinedTable, SQLSTATE.undefinedSchema];

/** Whether the session's database has an object of this address. */
export async function addressExists(session: Session, { type, names, args }: ObjectAddress): Promise<boolean> {
  try {
    await session.row('SELECT classid FROM pg_catalog.pg_get_object_address($1, $2::text[], $3::text[])', [type, names, args]);
    return true;
  } catch (error) {
    if (NOT_THERE.includes(sqlstateOf(error))) return false;
    throw error;
  }
}
