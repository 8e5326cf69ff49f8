import type { Grant, GrantChanges, ObjectRights } from '../domain/object-rights.ts';
import type { Session } from './connection.ts';
import { quoteIdent, quoteName } from './quoting.ts';
import { runSchema } from './run-schema.ts';
import { OUR_PREFIX } from './tables.ts';

/** OIDs below this belong to the system. */
const FIRST_NORMAL_OID = 16_384;

interface Source {
  readonly catalog: string;
  readonly owner: string;
  /** SQL for its list of grants, and for the letter by which acldefault() knows its kind. */
  readonly acl?: readonly [list: string, letter: string];
  /** Which rows of the catalog stand on their own. */
  readonly where?: string;
  /** Which of them go with the owner of another object. */
  readonly follows?: string;
  /** Which of them only a superuser may own. */
  readonly forSuperusers?: (major: number) => string;
}

/** A sequence of a column has the owner of its table. */
const OWNED_SEQUENCE = `relkind = 'S' AND EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = o.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i'))`;
/** Arrays, row types of tables and multiranges go with the type or table they are of. */
const TYPES = `typtype IN ('b', 'c', 'd', 'e', 'r') AND NOT (typcategory = 'A' AND typelem <> 0 AND typlen = -1) AND (typrelid = 0 OR (SELECT c.relkind FROM pg_catalog.pg_class c WHERE c.oid = typrelid) = 'c')`;
const ALL_TABLES = (major: number): string => (major >= 15 ? `puballtables OR EXISTS (SELECT FROM pg_catalog.pg_publication_namespace n WHERE n.pnpubid = o.oid)` : 'puballtables');

const SOURCES: readonly Source[] = [
  { catalog: 'pg_namespace', owner: 'nspowner', acl: ['nspacl', `'n'`], where: `nspname !~ '^pg_(temp|toast)'` },
  { catalog: 'pg_class', owner: 'relowner', acl: ['relacl', `CASE relkind WHEN 'S' THEN 's' ELSE 'r' END`], where: `relkind IN ('r', 'p', 'v', 'm', 'f', 'S')`, follows: OWNED_SEQUENCE },
  { catalog: 'pg_proc', owner: 'proowner', acl: ['proacl', `'f'`] },
  { catalog: 'pg_type', owner: 'typowner', acl: ['typacl', `'T'`], where: TYPES },
  { catalog: 'pg_language', owner: 'lanowner', acl: ['lanacl', `'l'`] },
  { catalog: 'pg_foreign_data_wrapper', owner: 'fdwowner', acl: ['fdwacl', `'F'`], forSuperusers: () => 'true' },
  { catalog: 'pg_foreign_server', owner: 'srvowner', acl: ['srvacl', `'S'`] },
  { catalog: 'pg_operator', owner: 'oprowner' },
  { catalog: 'pg_opclass', owner: 'opcowner' },
  { catalog: 'pg_opfamily', owner: 'opfowner' },
  { catalog: 'pg_collation', owner: 'collowner' },
  { catalog: 'pg_conversion', owner: 'conowner' },
  { catalog: 'pg_ts_dict', owner: 'dictowner' },
  { catalog: 'pg_ts_config', owner: 'cfgowner' },
  { catalog: 'pg_statistic_ext', owner: 'stxowner' },
  { catalog: 'pg_publication', owner: 'pubowner', forSuperusers: ALL_TABLES },
  { catalog: 'pg_event_trigger', owner: 'evtowner', forSuperusers: () => 'true' },
];

const objectsOf = ({ catalog, owner, acl, where = 'true', follows = 'false', forSuperusers = () => 'false' }: Source, major: number): string => `
  SELECT 'pg_catalog.${catalog}'::regclass AS class, o.oid AS object, NULL::text AS "column", ${owner} AS owner, ${acl?.[0] ?? 'NULL::aclitem[]'} AS acl,
         ${acl === undefined ? 'NULL::aclitem[]' : `pg_catalog.acldefault((${acl[1]})::"char", ${owner})`} AS defaults, ${follows} AS follows, ${forSuperusers(major)} AS special, 0 AS part
    FROM pg_catalog.${catalog} o WHERE ${where}`;

const COLUMNS = `
  SELECT 'pg_catalog.pg_class'::regclass, a.attrelid, a.attname::text, c.relowner, a.attacl, NULL::aclitem[], true, false, a.attnum::int
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid WHERE a.attacl IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped`;

/** The system gives schema public to everybody in one major and not in the other, so that here the whole counts. */
const PUBLIC = `o.class = 'pg_catalog.pg_namespace'::regclass AND o.object = 'public'::regnamespace`;

/** As JSON; who grants and is granted by name. */
export const grantsAsJson = (list: string): string => `(
  SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('grantor', pg_catalog.pg_get_userbyid(a.grantor), 'grantee', CASE WHEN a.grantee <> 0 THEN pg_catalog.pg_get_userbyid(a.grantee) END,
                                                                   'privilege', a.privilege_type, 'grantable', a.is_grantable)), '[]')
    FROM pg_catalog.aclexplode(${list}) a)`;

export interface RightsWish {
  /** Only what came after {@link recordWhatWasHere} of this run, and what everybody has. */
  readonly newOfRun?: string;
  /** Identities of what initdb or an extension made and that is listed in any case. */
  readonly also?: readonly string[];
}

/**
 * Who owns and who may use each object of the session's database that can be owned or used. Of what initdb and extensions made, only
 * what is granted otherwise than by them is listed. Large objects and the database itself are not here.
 */
export async function readObjectRights(session: Session, { newOfRun, also = [] }: RightsWish = {}): Promise<ObjectRights[]> {
  const isNew = newOfRun === undefined ? 'true' : `NOT EXISTS (SELECT FROM ${quoteName(runSchema(newOfRun), 'was_here')} w WHERE w.class = o.class AND w.object = o.object)`;
  // The system has thousands of objects: their names are looked up only where one of them is asked for.
  const isAsked = also.length === 0 ? '' : 'OR i.identity = ANY ($2::text[])';
  return await session.rows<ObjectRights>(
    `SELECT i.type, i.identity, o."column", pg_catalog.pg_get_userbyid(o.owner) AS owner, NOT (o.made OR o.follows) AS ownable, o.special AS "forSuperusers",
            ${grantsAsJson('coalesce(o.acl, o.defaults)')} AS grants, o.acl IS NOT NULL AS explicit,
            CASE WHEN o.made THEN ${grantsAsJson('coalesce(p.initprivs, o.defaults)')} END AS initial,
            ARRAY(SELECT a.privilege_type::text FROM pg_catalog.aclexplode(o.defaults) a WHERE a.grantee = o.owner) AS "all"
       FROM (SELECT o.*, NOT (${PUBLIC}) AND (o.object < ${FIRST_NORMAL_OID} OR EXISTS (
                      SELECT FROM pg_catalog.pg_depend e WHERE e.classid = o.class AND e.objid = o.object AND e.deptype = 'e')) AS made
               FROM (${[...SOURCES.map((source) => objectsOf(source, session.major)), COLUMNS].join(' UNION ALL ')}) AS o) AS o
       LEFT JOIN pg_catalog.pg_init_privs p ON p.classoid = o.class AND p.objoid = o.object AND p.objsubid = o.part
      CROSS JOIN LATERAL pg_catalog.pg_identify_object(o.class, o.object, 0) AS i
      WHERE (o.made AND (o.acl IS DISTINCT FROM p.initprivs ${isAsked}) OR NOT o.made AND ${isNew})
        AND coalesce(i.schema, i.name, '') NOT LIKE $1 AND coalesce(i.schema, i.name, '') <> 'information_schema'
      ORDER BY i.type, i.identity, o.part`,
    [`${OUR_PREFIX.replaceAll('_', String.raw`\_`)}%`, ...(also.length === 0 ? [] : [also])],
  );
}

/** Words of pg_identify_object that ALTER and GRANT know by others; all kinds of functions are routines to both. */
const ALTER_WORDS: Readonly<Record<string, string>> = { 'statistics object': 'STATISTICS', function: 'ROUTINE', procedure: 'ROUTINE', aggregate: 'ROUTINE', 'composite type': 'TYPE', 'foreign-data wrapper': 'FOREIGN DATA WRAPPER' };
const GRANT_WORDS: Readonly<Record<string, string>> = { ...ALTER_WORDS, view: 'TABLE', 'materialized view': 'TABLE', 'foreign table': 'TABLE', server: 'FOREIGN SERVER' };

const wordOf = (words: Readonly<Record<string, string>>, type: string): string => words[type] ?? type.toUpperCase();

export const ownerStatement = ({ type, identity }: ObjectRights, owner: string): string => `ALTER ${wordOf(ALTER_WORDS, type)} ${identity} OWNER TO ${quoteIdent(owner)}`;

/** Statements that make the changes; grants of others than the owner are made in their names. */
export function grantStatements(object: ObjectRights, { revoke, grant }: GrantChanges): string[] {
  const on = `ON ${wordOf(GRANT_WORDS, object.type)} ${object.identity}`;
  const what = (privileges: readonly string[]): string => privileges.map((privilege) => (object.column === null ? privilege : `${privilege} (${quoteIdent(object.column)})`)).join(', ');
  return [
    ...together(revoke).map(([one, privileges]) => inNameOf(one, object, `REVOKE ${what(privileges)} ${on} FROM ${granteeOf(one)} CASCADE`)),
    ...together(grant).map(([one, privileges]) => inNameOf(one, object, `GRANT ${what(privileges)} ${on} TO ${granteeOf(one)}${one.grantable ? ' WITH GRANT OPTION' : ''}`)),
  ];
}

export const granteeOf = ({ grantee }: Grant): string => (grantee === null ? 'PUBLIC' : quoteIdent(grantee));

const inNameOf = ({ grantor }: Grant, { owner }: ObjectRights, statement: string): string => (grantor === owner ? statement : `SET ROLE ${quoteIdent(grantor)}; ${statement}; RESET ROLE`);

/** Privileges that differ in nothing else, in the order of the first of each. */
export const together = (grants: readonly Grant[]): [Grant, string[]][] =>
  [...Map.groupBy(grants, ({ grantor, grantee, grantable }) => JSON.stringify([grantor, grantee, grantable])).values()].map((same) => [same[0] as Grant, same.map(({ privilege }) => privilege)]);
