import type { Session } from '../../../postgres/connection.ts';
import type { Sides } from '../same-databases.ts';
import { catalogQueries } from './catalog-queries.ts';
import { compareNamed, type Named } from './compare-named.ts';

interface CatalogRow {
  /** Null for what is in no schema. */
  readonly schema: string | null;
  readonly name: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Every object of the catalogs with all that can be said about it. */
export async function compareCatalogs(sides: Sides): Promise<string[]> {
  const differences: string[] = [];
  for (const [kind, sql] of Object.entries(catalogQueries(sides.lowest))) {
    if (sides.ignoreKinds.includes(kind)) continue;
    const [left, right] = await Promise.all([read(sides.source, sql, sides), read(sides.target, sql, sides)]);
    if (sides.roles !== undefined && Object.keys(sides.roles).length > 0) {
      differences.push(...compareNamed(kind, renamed(left, sides.roles), renamed(right, {})));
      continue;
    }
    differences.push(...compareNamed(kind, left, right));
  }
  return differences;
}

async function read(session: Session, sql: string, { ignoreSchemas, source, target }: Sides): Promise<Named> {
  const rows = await session.rows<CatalogRow>(sql);
  const wanted = rows.filter(({ schema }) => schema === null || !(ignoreSchemas.includes(schema) || /^pg_|^information_schema$/.test(schema)));
  return new Map(wanted.map(({ name, facts }) => [name, source.major === target.major ? facts : acrossMajors(facts)]));
}

/**
 * Definitions of views and rules are printed anew from a parsed form: up to 15 every column with its table in front, from
 * 16 on only where there are several tables; line breaks and brackets differ too. What is left without them has to be equal.
 */
function acrossMajors(facts: CatalogRow['facts']): CatalogRow['facts'] {
  if (typeof facts['query'] !== 'string') return facts;
  return { ...facts, query: facts['query'].replaceAll(/(?:"(?:[^"]|"")+"|[a-z_][\w$]*)\./g, '').replaceAll(/[\s()]+/g, ' ') };
}

/** Lists of roles and of their grants are sorted by names. */
const SORTED = new Set(['acl', 'roles', 'settings']);

/** With roles under their new names, as the catalogs print them. */
function renamed(things: Named, roles: Readonly<Record<string, string>>): Named {
  const old = new RegExp(`(?<![\\w"])(?:${Object.keys(roles).map(printed).join('|')})(?![\\w"])`, 'g');
  const names = new Map(Object.entries(roles).map(([from, to]) => [printed(from), printed(to)]));
  const rename = (text: string): string => (names.size === 0 ? text : text.replaceAll(old, (name) => names.get(name) ?? name));
  const values = (value: unknown): unknown => {
    if (typeof value === 'string') return rename(value);
    return Array.isArray(value) ? value.map(values) : value;
  };
  const sorted = (fact: string, value: unknown): unknown => (SORTED.has(fact) && Array.isArray(value) ? value.map(String).toSorted() : value);
  return new Map([...things].map(([name, facts]) => [rename(name), Object.fromEntries(Object.entries(facts).map(([fact, value]) => [fact, sorted(fact, values(value))]))]));
}

const printed = (role: string): string => (/^[a-z_][a-z0-9_]*$/.test(role) ? role : `"${role.replaceAll('"', '""')}"`);
