/**
 * The list that `pg_restore --list` prints and `--use-list` reads. A line begins with the entry's number and the OIDs of the
 * catalog and the object it describes: `3384; 2606 16393 CONSTRAINT public film film_pkey postgres`.
 */
const ENTRY = /^\d+; (\d+) (\d+) (.*)$/;

/** OIDs of system catalogs are fixed. */
const PG_CLASS = 1259;
const PG_CONSTRAINT = 2606;
const PG_NAMESPACE = 2615;
const PG_POLICY = 3256;

export interface LeftOut {
  /** OIDs on the source of indexes and constraints that are built otherwise. */
  readonly indexes: ReadonlySet<number>;
  readonly constraints: ReadonlySet<number>;
  /** Whether comments on extensions are left out: only its owner may set them, and a target may have it already. */
  readonly extensionComments: boolean;
  /** Whose definitions name roles, and who are made under other names. */
  readonly roleBound?: RoleBound | undefined;
}

export interface RoleBound {
  /** OIDs on the source. */
  readonly policies: ReadonlySet<number>;
  readonly userMappings: readonly { readonly role: string; readonly foreignServer: string }[];
}

/** The list without the entries that are made by other means, and without those of {@link selectLateEntries}. */
export function selectEntries(list: string, leftOut: LeftOut): string {
  return list
    .split('\n')
    .filter((line) => !isLeftOut(line, leftOut) && !isLate(line))
    .join('\n');
}

/** What comes behind the foreign keys, which we add ourselves: comments on constraints, and triggers that fire on definitions. */
export function selectLateEntries(list: string): string {
  return list.split('\n').filter(isLate).join('\n');
}

/**
 * The schemas of a list with what is said of them, and the list without: rights in them may have to be given before anything
 * is made there. pg_restore leaves out the grants of an object that is not in the same list.
 */
export function splitSchemas(list: string): { readonly schemas: string; readonly rest: string } {
  const lines = list.split('\n');
  return { schemas: lines.filter(isOfSchema).join('\n'), rest: lines.filter((line) => !isOfSchema(line)).join('\n') };
}

function isOfSchema(line: string): boolean {
  const [, catalog, , rest = ''] = ENTRY.exec(line) ?? [];
  return Number(catalog) === PG_NAMESPACE || /^(ACL|COMMENT) - SCHEMA /.test(rest);
}

/** Of a schema whose name looks like one of these too, more comes late than has to; that does no harm. */
const LATE = /^(COMMENT .*CONSTRAINT .* ON |EVENT TRIGGER |COMMENT - EVENT TRIGGER )/;

/** Catalogs of objects that have a name of their own and come behind the rows: indexes, constraints, triggers, rules, policies, event triggers. */
const NAMED_CATALOGS: readonly number[] = [PG_CLASS, PG_CONSTRAINT, 2620, 2618, 3256, 3466];

/** The first object of a list that can be looked for in another database, by its OIDs on the source; comments, grants and the like cannot. */
export function firstNamedEntry(list: string): { catalog: number; object: number } | undefined {
  for (const line of list.split('\n')) {
    const match = ENTRY.exec(line);
    if (match !== null && NAMED_CATALOGS.includes(Number(match[1])) && Number(match[2]) > 0) return { catalog: Number(match[1]), object: Number(match[2]) };
  }
  return undefined;
}

function isLate(line: string): boolean {
  return LATE.test(ENTRY.exec(line)?.[3] ?? '');
}

function isLeftOut(line: string, leftOut: LeftOut): boolean {
  const match = ENTRY.exec(line);
  if (match === null) return false;
  const [, catalog, object, rest = ''] = match;
  if (Number(catalog) === PG_CLASS && rest.startsWith('INDEX ')) return leftOut.indexes.has(Number(object));
  if (leftOut.roleBound !== undefined && isRoleBound(leftOut.roleBound, { catalog: Number(catalog), object: Number(object), rest })) return true;
  if (Number(catalog) === PG_CONSTRAINT) return leftOut.constraints.has(Number(object)) && / ?CONSTRAINT /.test(rest);
  return leftOut.extensionComments && rest.startsWith('COMMENT - EXTENSION ');
}

/** User mappings have no OIDs in the list, and are known by what they are called there. */
const isRoleBound = ({ policies, userMappings }: RoleBound, { catalog, object, rest }: { catalog: number; object: number; rest: string }): boolean =>
  catalog === PG_POLICY ? policies.has(object) : userMappings.some(({ role, foreignServer }) => rest.startsWith(`USER MAPPING - USER MAPPING ${role} SERVER ${foreignServer} `));
