import { grantChanges, type ObjectRights } from '../domain/object-rights.ts';
import { mappedRole, type RoleMapping } from '../domain/role-mapping.ts';
import type { Session } from './connection.ts';
import { grantStatements, ownerStatement, readObjectRights } from './object-rights.ts';

export interface CarryOrder {
  readonly source: Session;
  readonly target: Session;
  readonly runId: string;
  readonly roles: RoleMapping;
  /** Whether the whole database is moved: what is granted on the system's objects is nobody's schema. */
  readonly whole: boolean;
  /** Whether schema public, which is there before us, is of what is moved. */
  readonly publicSchema: boolean;
}

/** Statements in one transaction, which holds a lock on each object. */
const BATCH = 500;

/** Gives the objects that came with the run to the owners that they are to have; those that are not there yet are passed over. */
export async function carryOwners(order: CarryOrder): Promise<void> {
  const superusers = new Set((await order.target.rows<{ name: string }>('SELECT rolname AS name FROM pg_catalog.pg_roles WHERE rolsuper')).map(({ name }) => name));
  // Schemas first: an object can be given only to a role that could have made it there.
  const pairs = (await readPairs(order)).toSorted((a, b) => Number(b.source.type === 'schema') - Number(a.source.type === 'schema'));
  const statements = pairs.flatMap(({ source, target }) => {
    const owner = mappedRole(order.roles, source.owner);
    if (!target.ownable || target.owner === owner || (target.forSuperusers && !superusers.has(owner))) return [];
    return [ownerStatement(target, owner)];
  });
  await inBatches(order.target, statements);
}

/** Grants on the objects that came with the run what is to be granted, and nothing else. */
export async function carryGrants(order: CarryOrder): Promise<void> {
  const statements = (await readPairs(order)).flatMap(({ source, target }) => grantStatements(target, grantChanges({ roles: order.roles, source, target })));
  await inBatches(order.target, statements);
}

/** The same object on both sides. */
interface Pair {
  readonly source: ObjectRights;
  readonly target: ObjectRights;
}

async function readPairs({ source, target, runId, whole, publicSchema }: CarryOrder): Promise<Pair[]> {
  const wanted = (await readObjectRights(source)).filter(({ initial, type, identity }) => (whole || initial === null) && (publicSchema || type !== 'schema' || identity !== 'public'));
  const also = wanted.filter(({ initial }) => initial !== null).map(({ identity }) => identity);
  const there = new Map((await readObjectRights(target, { newOfRun: runId, also })).map((one) => [nameOf(one), one]));
  return wanted.flatMap((one) => {
    const same = there.get(nameOf(one));
    // Columns are listed where something is granted on them.
    if (same === undefined && one.column !== null) {
      const table = there.get(nameOf({ ...one, column: null }));
      return table === undefined ? [] : [{ source: one, target: { ...table, column: one.column, grants: [], explicit: false, ownable: false, all: [] } }];
    }
    return same === undefined ? [] : [{ source: one, target: same }];
  });
}

const nameOf = ({ type, identity, column }: Pick<ObjectRights, 'type' | 'identity' | 'column'>): string => JSON.stringify([type, identity, column]);

async function inBatches(target: Session, statements: readonly string[]): Promise<void> {
  for (let at = 0; at < statements.length; at += BATCH) await target.execute(statements.slice(at, at + BATCH).join('; '));
}
