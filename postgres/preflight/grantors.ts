import type { SourceCatalog } from '../../domain/preflight/source-facts.ts';
import type { Session } from '../connection.ts';
import { NOT_SYSTEM_SCHEMA } from '../tables.ts';

const GRANTED = [
  ['pg_class', 'relacl', 'relowner', 'relnamespace'],
  ['pg_proc', 'proacl', 'proowner', 'pronamespace'],
  ['pg_type', 'typacl', 'typowner', 'typnamespace'],
  ['pg_namespace', 'nspacl', 'nspowner', 'oid'],
] as const;

const ON_OBJECTS = GRANTED.map(([catalog, list, owner, namespace]) => `
  SELECT a.grantor FROM pg_catalog.${catalog} o JOIN pg_catalog.pg_namespace n ON n.oid = o.${namespace} CROSS JOIN LATERAL pg_catalog.aclexplode(o.${list}) a WHERE a.grantor <> o.${owner} AND ${NOT_SYSTEM_SCHEMA}`);

const ON_COLUMNS = `
  SELECT a.grantor FROM pg_catalog.pg_attribute c JOIN pg_catalog.pg_class o ON o.oid = c.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = o.relnamespace
   CROSS JOIN LATERAL pg_catalog.aclexplode(c.attacl) a WHERE a.grantor <> o.relowner AND ${NOT_SYSTEM_SCHEMA}`;

/** Who has granted what is not theirs, and who has set what others may do with what they will make. */
export async function readGrantors(session: Session): Promise<Pick<SourceCatalog, 'grantors' | 'defaultGrantors'>> {
  return await session.row(`
    SELECT ARRAY(SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE r.oid IN (${[...ON_OBJECTS, ON_COLUMNS].join(' UNION ')}) ORDER BY 1) AS grantors,
           ARRAY(SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE r.oid IN (SELECT defaclrole FROM pg_catalog.pg_default_acl) ORDER BY 1) AS "defaultGrantors"`);
}

/** What an ordinary role cannot be given. Objects of extensions come with these. */
export async function readOwnedBySuperusers(session: Session): Promise<{ name: string; owner: string }[]> {
  return await session.rows(`
    SELECT o.name, pg_catalog.pg_get_userbyid(o.owner)::text AS owner
      FROM (SELECT 'pg_catalog.pg_event_trigger'::regclass AS class, oid, 'event trigger ' || evtname AS name, evtowner AS owner FROM pg_catalog.pg_event_trigger
            UNION ALL SELECT 'pg_catalog.pg_foreign_data_wrapper'::regclass, oid, 'foreign-data wrapper ' || fdwname, fdwowner FROM pg_catalog.pg_foreign_data_wrapper
            UNION ALL SELECT 'pg_catalog.pg_publication'::regclass, oid, 'publication ' || pubname, pubowner FROM pg_catalog.pg_publication WHERE puballtables) AS o
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = o.class AND e.objid = o.oid AND e.deptype = 'e')
     ORDER BY 1`);
}
