import type { Scope } from '../../domain/copy/scope.ts';
import type { Names } from '../../domain/preflight/fact.ts';
import type { SourceCatalog } from '../../domain/preflight/source-facts.ts';
import type { Session } from '../connection.ts';
import { NOT_SYSTEM_SCHEMA, OUR_PREFIX } from '../tables.ts';
import { readDatabaseSettings } from './database-settings.ts';
import { readExtensionRows } from './extension-rows.ts';
import { readGrantors, readOwnedBySuperusers } from './grantors.ts';
import { readNames } from './names.ts';
import { RELATIONS_IN_SCOPE, scopeValues } from './relations-in-scope.ts';

/** What surrounds the tables: extensions, collations, functions, roles. */
export async function readSourceCatalog(session: Session, scope: Scope): Promise<SourceCatalog> {
  const scoped = (question: string): Promise<Names> => readNames(session, question, scopeValues(scope));
  const anywhere = (question: string): Promise<Names> => readNames(session, question);
  return {
    extensions: await session.rows(`SELECT extname::text AS name, extversion AS version FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql' ORDER BY extname`),
    collations: await readCollationsInUse(session, scope),
    customObjects: await anywhere(CUSTOM_OBJECTS),
    tablespaces: await scoped(`SELECT r.name FROM ${RELATIONS_IN_SCOPE} AS r WHERE r.reltablespace <> 0`),
    securityLabels: await anywhere(`SELECT objtype || ' ' || objname AS name FROM pg_catalog.pg_seclabels`),
    searchPathFunctions: await anywhere(openSearchPath(session.major)),
    accessMethods: await scoped(session.major >= 12 ? OTHER_ACCESS_METHODS : `SELECT r.name FROM ${RELATIONS_IN_SCOPE} AS r WHERE false`),
    eventTriggers: await anywhere(`SELECT evtname AS name FROM pg_catalog.pg_event_trigger v WHERE evtenabled <> 'D' AND ${notOfExtension('pg_event_trigger', 'v')}`),
    untrustedFunctions: await anywhere(UNTRUSTED),
    publishAll: await anywhere(`SELECT pubname AS name FROM pg_catalog.pg_publication WHERE puballtables AND left(pubname, ${OUR_PREFIX.length}) <> '${OUR_PREFIX}'`),
    subscriptions: await anywhere('SELECT subname AS name FROM pg_catalog.pg_subscription WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())'),
    owners: await readOwners(session, scope),
    grantees: await readGrantees(session),
    ...(await readGrantors(session)),
    ownedBySuperusers: await readOwnedBySuperusers(session),
    roleColumns: await scoped(ROLE_COLUMNS),
    extensionRows: await readExtensionRows(session),
    databaseSettings: await readDatabaseSettings(session),
    ownersInPublic: await readOwnersInPublic(session, scope),
  };
}

const notOfExtension = (catalog: string, alias: string): string =>
  `NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.${catalog}'::regclass AND e.objid = ${alias}.oid AND e.deptype = 'e')`;

async function readCollationsInUse(session: Session, scope: Scope): Promise<string[]> {
  const rows = await session.rows<{ name: string }>(
    `SELECT DISTINCT n.nspname || '.' || k.collname AS name
       FROM ${RELATIONS_IN_SCOPE} AS r
       JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
       JOIN pg_catalog.pg_collation k ON k.oid = a.attcollation AND k.collname <> 'default'
       JOIN pg_catalog.pg_namespace n ON n.oid = k.collnamespace AND n.nspname = 'pg_catalog'
      ORDER BY name`,
    scopeValues(scope),
  );
  return rows.map(({ name }) => name);
}

/** Objects that a person made, by their OID. */
const FIRST_NORMAL_OID = 16_384;

const CUSTOM_OBJECTS = [
  ['pg_collation', 'collation', 'collname'],
  ['pg_operator', 'operator', 'oprname'],
  ['pg_conversion', 'conversion', 'conname'],
  ['pg_ts_config', 'text search configuration', 'cfgname'],
  ['pg_ts_dict', 'text search dictionary', 'dictname'],
  ['pg_cast', 'cast to', 'casttarget::regtype'],
]
  .map(([catalog, kind, name]) => `SELECT '${kind} ' || o.${name}::text AS name FROM pg_catalog.${catalog} o WHERE o.oid >= ${FIRST_NORMAL_OID} AND ${notOfExtension(catalog!, 'o')}`)
  .join(' UNION ALL ');

/** A body that the server parsed at creation (BEGIN ATOMIC, from 14 on) has its names resolved already. */
const openSearchPath = (major: number): string => `
  SELECT DISTINCT n.nspname || '.' || p.proname AS name
    FROM pg_catalog.pg_depend d
    JOIN pg_catalog.pg_proc p ON d.refclassid = 'pg_catalog.pg_proc'::regclass AND p.oid = d.refobjid
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang AND l.lanname IN ('sql', 'plpgsql')
   WHERE d.classid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_attrdef'::regclass, 'pg_catalog.pg_constraint'::regclass)
     AND ${NOT_SYSTEM_SCHEMA} AND ${notOfExtension('pg_proc', 'p')} ${major >= 14 ? 'AND p.prosqlbody IS NULL' : ''}
     AND NOT EXISTS (SELECT FROM pg_catalog.unnest(p.proconfig) AS c (setting) WHERE c.setting LIKE 'search\\_path=%')`;

const OTHER_ACCESS_METHODS = `
  SELECT r.name || ' (' || m.amname || ')' AS name FROM ${RELATIONS_IN_SCOPE} AS r JOIN pg_catalog.pg_am m ON m.oid = r.relam
   WHERE r.relkind IN ('r', 'm') AND m.amname <> 'heap'`;

const ROLE_COLUMNS = `
  SELECT r.name || '.' || a.attname AS name FROM ${RELATIONS_IN_SCOPE} AS r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE r.relkind = 'r' AND a.atttypid IN ('regrole'::regtype, 'regrole[]'::regtype, 'aclitem'::regtype, 'aclitem[]'::regtype)`;

const UNTRUSTED = `
  SELECT n.nspname || '.' || p.proname || ' (' || l.lanname || ')' AS name
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
   WHERE NOT l.lanpltrusted AND ${NOT_SYSTEM_SCHEMA} AND ${notOfExtension('pg_proc', 'p')}`;

/** Owners of what is in scope, and of schemas and functions. The server's own roles are on every server. */
async function readOwners(session: Session, scope: Scope): Promise<string[]> {
  const rows = await session.rows<{ name: string }>(
    `SELECT o.rolname::text AS name FROM pg_catalog.pg_roles o
      WHERE o.rolname !~ '^pg_' AND o.oid IN (SELECT r.relowner FROM ${RELATIONS_IN_SCOPE} AS r UNION ${dependent('o')})
      ORDER BY o.rolname`,
    scopeValues(scope),
  );
  return rows.map(({ name }) => name);
}

async function readOwnersInPublic(session: Session, scope: Scope): Promise<string[]> {
  const rows = await session.rows<{ name: string }>(
    `SELECT DISTINCT pg_catalog.pg_get_userbyid(r.relowner)::text AS name FROM ${RELATIONS_IN_SCOPE} AS r WHERE r.nspname = 'public' ORDER BY name`,
    scopeValues(scope),
  );
  return rows.map(({ name }) => name);
}

async function readGrantees(session: Session): Promise<string[]> {
  const rows = await session.rows<{ name: string }>(
    `SELECT o.rolname::text AS name FROM pg_catalog.pg_roles o WHERE o.rolname !~ '^pg_' AND o.oid IN (${dependent('a')} UNION ${dependent('r')}) ORDER BY o.rolname`,
  );
  return rows.map(({ name }) => name);
}

/** pg_shdepend's roles of this database's objects: `o` owns, `a` is in a list of grants, `r` is named by a policy. */
const dependent = (type: 'o' | 'a' | 'r'): string => `
  SELECT refobjid FROM pg_catalog.pg_shdepend
   WHERE refclassid = 'pg_catalog.pg_authid'::regclass AND deptype = '${type}'
     AND dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`;
