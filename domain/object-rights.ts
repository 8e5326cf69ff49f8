import { mappedRole, type RoleMapping } from './role-mapping.ts';

/** One privilege of one role; without a grantee it is everybody's. */
export interface Grant {
  readonly grantor: string;
  readonly grantee: string | null;
  readonly privilege: string;
  readonly grantable: boolean;
}

/** Whose an object is, and who may use it. Found on the other server by `type`, `identity` and `column`. */
export interface ObjectRights {
  /** As `pg_identify_object` says it: `table`, `function`, `text search dictionary`. */
  readonly type: string;
  readonly identity: string;
  readonly column: string | null;
  readonly owner: string;
  /** Whether it is given away for itself; otherwise it follows another object, or belongs to whom initdb or the extension gave it. */
  readonly ownable: boolean;
  /** Only a superuser may have it, for example an event trigger. */
  readonly forSuperusers: boolean;
  /** Who may use it, also where nobody has said so: owners may do everything. */
  readonly grants: readonly Grant[];
  /** Whether somebody has said so; otherwise the defaults of the server hold. */
  readonly explicit: boolean;
  /** What initdb or the extension granted, for an object that one of them made. */
  readonly initial: readonly Grant[] | null;
  /** Every privilege there is on such an object in this major. */
  readonly all: readonly string[];
}

/** Grants as the target is to have them. */
export interface WantedRights {
  readonly roles: RoleMapping;
  readonly source: ObjectRights;
  readonly target: ObjectRights;
}

export interface GrantChanges {
  readonly revoke: readonly Grant[];
  /** In an order in which each grantor has got the right to grant before. */
  readonly grant: readonly Grant[];
}

export const NO_CHANGES: GrantChanges = { revoke: [], grant: [] };

/** What the grants of an object on the target lack, and what is too much, once its owner is the right one. */
export function grantChanges({ roles, source, target }: WantedRights): GrantChanges {
  if (!source.explicit && source.initial === null) return NO_CHANGES;
  const translated = (grants: readonly Grant[]): Grant[] => translate(grants, { roles, source, target });
  // Where owners are not kept, ours keeps what it may do.
  const own = mappedRole(roles, source.owner) === target.owner ? [] : target.grants.filter(({ grantee }) => grantee === target.owner);
  if (source.initial === null) return changesBetween(merged([...translated(source.grants), ...own], target.owner), target);
  // Of what initdb and extensions grant only the difference is the user's: each major grants something else.
  const added = translated(without(source.grants, source.initial));
  const removed = translated(without(source.initial, source.grants));
  return changesBetween([...without(target.grants, removed), ...without(added, target.grants)], target);
}

/** Brings grants to exactly `wanted`. */
export function changesBetween(wanted: readonly Grant[], { grants, owner }: Pick<ObjectRights, 'grants' | 'owner'>): GrantChanges {
  return { revoke: without(grants, wanted), grant: inOrder(without(wanted, grants), owner) };
}

/** Under the names of the target. Whoever has every privilege that the source knows gets those that came later, too, as with GRANT ALL. */
function translate(grants: readonly Grant[], { roles, source, target }: WantedRights): Grant[] {
  const whole = [...Map.groupBy(grants, ({ grantor, grantee, grantable }) => JSON.stringify([grantor, grantee, grantable])).values()]
    .filter((group) => source.all.length > 0 && source.all.every((privilege) => group.some((one) => one.privilege === privilege)))
    .flatMap(([first]) => target.all.map((privilege) => ({ ...(first as Grant), privilege })));
  // Who owns the object on the source may be called otherwise on the target without being mapped: the bootstrap superuser, or us.
  const grantor = (name: string): string => (name === source.owner ? target.owner : mappedRole(roles, name));
  const named = [...grants, ...whole].map((one) => ({ ...one, grantor: grantor(one.grantor), grantee: one.grantee === null ? null : mappedRole(roles, one.grantee) }));
  return merged(named, target.owner);
}

/** Several roles may have become one: it grants nothing to itself, and has with the right to grant what it has without. */
function merged(grants: readonly Grant[], owner: string): Grant[] {
  const sensible = grants
    .filter(({ grantor, grantee }) => grantor !== grantee || grantee === owner)
    // An owner may always grant.
    .map((one) => (one.grantee === owner ? { ...one, grantable: false } : one));
  return [...Map.groupBy(sensible, ({ grantor, grantee, privilege }) => JSON.stringify([grantor, grantee, privilege])).values()].map((same) => ({ ...(same[0] as Grant), grantable: same.some(({ grantable }) => grantable) }));
}

const keyOf = ({ grantor, grantee, privilege, grantable }: Grant): string => JSON.stringify([grantor, grantee, privilege, grantable]);

function without(grants: readonly Grant[], others: readonly Grant[]): Grant[] {
  const gone = new Set(others.map(keyOf));
  return grants.filter((one) => !gone.has(keyOf(one)));
}

/** The owner's grants first, then those of whom it has let grant, and so on. */
function inOrder(grants: readonly Grant[], owner: string): Grant[] {
  const ordered: Grant[] = [];
  let left = [...grants];
  let able = new Set<string | null>([owner]);
  while (left.length > 0) {
    const next = left.filter(({ grantor }) => able.has(grantor));
    // Whoever is left was let grant before.
    if (next.length === 0) return [...ordered, ...left];
    ordered.push(...next);
    left = left.filter((one) => !next.includes(one));
    able = new Set([...able, ...next.filter(({ grantable }) => grantable).map(({ grantee }) => grantee)]);
  }
  return ordered;
}
