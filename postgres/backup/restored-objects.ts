import type { Session } from '../connection.ts';

/** Names of the objects of a kind, as the list of an archive has them: `schema.tag`. */
const QUERIES: Readonly<Record<string, string>> = {
  SCHEMA: `SELECT nspname AS tag FROM pg_catalog.pg_namespace`,
  EXTENSION: `SELECT extname AS tag FROM pg_catalog.pg_extension`,
  TABLE: relations("'r', 'p'"),
  'FOREIGN TABLE': relations("'f'"),
  VIEW: relations("'v'"),
  'MATERIALIZED VIEW': relations("'m'"),
  SEQUENCE: relations("'S'"),
  INDEX: relations("'i', 'I'"),
  CONSTRAINT: constraints("'p', 'u', 'x'"),
  'CHECK CONSTRAINT': constraints("'c', 'n'"),
  'FK CONSTRAINT': constraints("'f'"),
  TRIGGER: onTables('SELECT tgrelid AS relid, tgname AS name FROM pg_catalog.pg_trigger WHERE NOT tgisinternal'),
  POLICY: onTables('SELECT polrelid AS relid, polname AS name FROM pg_catalog.pg_policy'),
  RULE: onTables('SELECT ev_class AS relid, rulename AS name FROM pg_catalog.pg_rewrite'),
  TYPE: types("'c', 'e', 'r', 'b', 'p', 'm'"), // a shell is a pseudo-type
  DOMAIN: types("'d'"),
  PUBLICATION: `SELECT pubname AS tag FROM pg_catalog.pg_publication`,
  'EVENT TRIGGER': `SELECT evtname AS tag FROM pg_catalog.pg_event_trigger`,
};

/** Kinds that are only counted: their tag has the arguments as pg_dump prints them. */
const COUNTED: Readonly<Record<string, (major: number) => string>> = {
  FUNCTION: (major) => (major >= 11 ? "p.prokind IN ('f', 'w')" : 'NOT p.proisagg'),
  PROCEDURE: (major) => (major >= 11 ? "p.prokind = 'p'" : 'false'),
  AGGREGATE: (major) => (major >= 11 ? "p.prokind = 'a'" : 'p.proisagg'),
};

/** In the schemas given, without those of extensions. */
const countRoutines = (condition: string): string => `
  SELECT count(*) AS found FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
   WHERE n.nspname = ANY ($1::text[]) AND ${condition}
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')`;

export interface WantedObject {
  readonly kind: string;
  readonly schema: string | null;
  readonly tag: string;
}

export interface ObjectCount {
  readonly kind: string;
  readonly wanted: number;
  readonly found: number;
}

/** Looks for every object of a list: how many of each kind there are, and those that are not there, in words. */
export async function findObjects(session: Session, wanted: readonly WantedObject[]): Promise<{ counts: ObjectCount[]; missing: string[] }> {
  const counts: ObjectCount[] = [];
  const missing: string[] = [];
  for (const [kind, list] of Map.groupBy(wanted, (one) => one.kind)) {
    const sql = QUERIES[kind];
    if (sql !== undefined) {
      const present = new Set((await session.rows<{ tag: string }>(sql)).map(({ tag }) => tag));
      const gone = list.filter((one) => !present.has(nameOf(one)));
      counts.push({ kind, wanted: list.length, found: list.length - gone.length });
      missing.push(...gone.map((one) => `${kind.toLowerCase()} ${nameOf(one)} is not there`));
      continue;
    }
    const condition = COUNTED[kind]?.(session.major);
    if (condition === undefined) continue;
    const { found } = await session.row<{ found: number }>(countRoutines(condition), [[...new Set(list.map((one) => one.schema))]]);
    counts.push({ kind, wanted: list.length, found });
    if (found < list.length) missing.push(`of ${list.length} objects of kind ${kind.toLowerCase()}, ${found} are there`);
  }
  return { counts, missing };
}

const nameOf = ({ schema, tag }: WantedObject): string => (schema === null ? tag : `${schema}.${tag}`);

function relations(kinds: string): string {
  return `SELECT n.nspname || '.' || c.relname AS tag FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN (${kinds})`;
}

function constraints(kinds: string): string {
  return `SELECT n.nspname || '.' || coalesce(c.relname || ' ', '') || k.conname AS tag FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
            LEFT JOIN pg_catalog.pg_class c ON c.oid = k.conrelid WHERE k.contype IN (${kinds})
          UNION ALL
          SELECT n.nspname || '.' || t.typname || ' ' || k.conname FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_type t ON t.oid = k.contypid
            JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace WHERE k.contype IN (${kinds})`;
}

function onTables(rows: string): string {
  return `SELECT n.nspname || '.' || c.relname || ' ' || o.name AS tag FROM (${rows}) AS o JOIN pg_catalog.pg_class c ON c.oid = o.relid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`;
}

function types(kinds: string): string {
  return `SELECT n.nspname || '.' || t.typname AS tag FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN (${kinds})`;
}
