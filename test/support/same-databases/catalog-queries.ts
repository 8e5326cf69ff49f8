/**
 * One query per kind of object: `schema`, `name` (unique within the kind) and `facts` as JSON, whose parts are compared one
 * by one. Only what users made: their object ids begin at 16384 (FirstNormalObjectId), and what an extension made belongs
 * to the extension.
 */
export function catalogQueries(lowestMajor: number): Readonly<Record<string, string>> {
  const both = (major: number, sql: string): string => (lowestMajor >= major ? sql : '');
  return {
    database: `
      SELECT NULL AS schema, '' AS name, jsonb_build_object(
               'owner', datdba::regrole, 'acl', ${acl('d', 'datacl', 'datdba')}, 'encoding', pg_encoding_to_char(encoding), 'collation', datcollate, 'character type', datctype,
               'connection limit', datconnlimit, 'accepts connections', datallowconn, 'comment', shobj_description(oid, 'pg_database'),
               'settings', (SELECT jsonb_agg(concat_ws(' ', nullif(setrole, 0)::regrole, setconfig::text) ORDER BY setrole::regrole::text) FROM pg_db_role_setting WHERE setdatabase = pg_database.oid)) AS facts
        FROM pg_database WHERE datname = current_database()`,
    schema: `
      SELECT nspname AS schema, quote_ident(nspname) AS name, jsonb_build_object('owner', nspowner::regrole, 'acl', ${acl('n', 'nspacl', 'nspowner')}) AS facts
        FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND ${notOfExtension('pg_namespace')}`,
    relation: relations(both),
    column: columns(both),
    index: `
      SELECT nspname AS schema, indexrelid::regclass::text AS name, jsonb_build_object(
               'definition', pg_get_indexdef(indexrelid), 'valid', indisvalid, 'primary', indisprimary, 'clustered', indisclustered, 'replica identity', indisreplident, 'immediate', indimmediate,
               'statistics', (SELECT jsonb_object_agg(attnum, attstattarget) FROM pg_attribute WHERE attrelid = indexrelid AND attstattarget >= 0),
               'options', reloptions, 'attached to', (SELECT inhparent::regclass FROM pg_inherits WHERE inhrelid = indexrelid)) AS facts
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
       WHERE ${notOfExtension('pg_class', 'indrelid')}`,
    constraint: constraints(lowestMajor),
    'sequence definition': `
      SELECT nspname AS schema, seqrelid::regclass::text AS name, jsonb_build_object(
               'type', seqtypid::regtype, 'start', seqstart, 'increment', seqincrement, 'minimum', seqmin, 'maximum', seqmax, 'cache', seqcache, 'cycle', seqcycle,
               'owned by', (SELECT refobjid::regclass || '.' || attname FROM pg_depend JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
                             WHERE classid = 'pg_class'::regclass AND objid = seqrelid AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i'))) AS facts
        FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
       WHERE ${notOfExtension('pg_class')}`,
    view: `
      SELECT nspname AS schema, pg_class.oid::regclass::text AS name, jsonb_build_object('query', pg_get_viewdef(pg_class.oid), 'populated', relispopulated) AS facts
        FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE relkind IN ('v', 'm') AND pg_class.oid >= 16384 AND ${notOfExtension('pg_class')}`,
    rule: `
      SELECT nspname AS schema, ev_class::regclass || ' ' || rulename AS name, jsonb_build_object('query', pg_get_ruledef(pg_rewrite.oid), 'enabled', ev_enabled) AS facts
        FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
       WHERE rulename <> '_RETURN' AND pg_rewrite.oid >= 16384 AND ${notOfExtension('pg_class', 'ev_class')}`,
    // From 14 on, procedures show the IN of their arguments.
    function: `
      SELECT nspname AS schema, pg_proc.oid::regprocedure::text AS name, jsonb_build_object(
               'kind', prokind, 'owner', proowner::regrole, 'acl', ${acl('f', 'proacl', 'proowner')}, 'arguments', CASE prokind WHEN 'p' THEN regexp_replace(pg_get_function_arguments(pg_proc.oid), '\\mIN ', '', 'g') ELSE pg_get_function_arguments(pg_proc.oid) END, 'result', pg_get_function_result(pg_proc.oid),
               'language', lanname, 'body', prosrc, 'volatility', provolatile, 'parallel', proparallel, 'security definer', prosecdef, 'leakproof', proleakproof, 'strict', proisstrict,
               'cost', procost, 'rows', prorows, 'settings', proconfig, ${both(14, `'sql body', pg_get_function_sqlbody(pg_proc.oid),`)}
               'aggregate', (SELECT concat_ws(' ', aggkind, aggtransfn, aggfinalfn, aggcombinefn, aggtranstype::regtype, quote_literal(agginitval), aggsortop::regoperator) FROM pg_aggregate WHERE aggfnoid = pg_proc.oid)) AS facts
        FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace JOIN pg_language ON pg_language.oid = prolang
       WHERE pg_proc.oid >= 16384 AND ${notOfExtension('pg_proc')}`,
    // Up to 11, triggers execute procedures.
    trigger: `
      SELECT nspname AS schema, tgrelid::regclass || ' ' || tgname AS name, jsonb_build_object('definition', replace(pg_get_triggerdef(pg_trigger.oid), 'EXECUTE PROCEDURE', 'EXECUTE FUNCTION'), 'enabled', tgenabled) AS facts
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
        -- The copies that partitions have of their parent's trigger; up to 14 they are marked as internal.
       WHERE NOT tgisinternal ${both(13, 'AND tgparentid = 0')} AND NOT (relispartition AND EXISTS (
               SELECT FROM pg_inherits JOIN pg_trigger AS above ON above.tgrelid = inhparent WHERE inhrelid = pg_trigger.tgrelid AND above.tgname = pg_trigger.tgname))`,
    type: types,
    policy: `
      SELECT nspname AS schema, polrelid::regclass || ' ' || polname AS name, jsonb_build_object(
               'command', polcmd, 'permissive', polpermissive, 'roles', (SELECT jsonb_agg(role::regrole ORDER BY role::regrole::text) FROM unnest(polroles) AS role),
               'using', pg_get_expr(polqual, polrelid), 'with check', pg_get_expr(polwithcheck, polrelid)) AS facts
        FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace`,
    // Each major brings its own version of an extension.
    extension: `SELECT NULL AS schema, quote_ident(extname) AS name, jsonb_build_object('schema', extnamespace::regnamespace) AS facts FROM pg_extension`,
    publication: `
      SELECT NULL AS schema, quote_ident(pubname) AS name, jsonb_build_object(
               'owner', pubowner::regrole, 'all tables', puballtables, 'insert', pubinsert, 'update', pubupdate, 'delete', pubdelete, 'truncate', pubtruncate,
               'tables', (SELECT jsonb_agg(prrelid::regclass ORDER BY prrelid::regclass::text) FROM pg_publication_rel WHERE prpubid = pg_publication.oid)) AS facts
        FROM pg_publication`,
    subscription: `
      SELECT NULL AS schema, quote_ident(subname) AS name, jsonb_build_object('owner', subowner::regrole, 'enabled', subenabled, 'publications', subpublications) AS facts
        FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    statistics: `
      SELECT nspname AS schema, quote_ident(nspname) || '.' || quote_ident(stxname) AS name, jsonb_build_object('owner', stxowner::regrole, 'definition', pg_get_statisticsobjdef(pg_statistic_ext.oid)) AS facts
        FROM pg_statistic_ext JOIN pg_namespace ON pg_namespace.oid = stxnamespace`,
    'large object': `SELECT NULL AS schema, oid::text AS name, jsonb_build_object('owner', lomowner::regrole, 'acl', ${acl('L', 'lomacl', 'lomowner')}) AS facts FROM pg_largeobject_metadata`,
    'default privileges': `
      SELECT nspname AS schema, concat_ws(' ', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype) AS name, jsonb_build_object('acl', ${acl('r', 'defaclacl', 'defaclrole')}) AS facts
        FROM pg_default_acl LEFT JOIN pg_namespace ON pg_namespace.oid = defaclnamespace`,
    'event trigger': `
      SELECT NULL AS schema, quote_ident(evtname) AS name, jsonb_build_object('owner', evtowner::regrole, 'event', evtevent, 'function', evtfoid::regprocedure, 'enabled', evtenabled, 'tags', evttags) AS facts
        FROM pg_event_trigger WHERE ${notOfExtension('pg_event_trigger')}`,
    comment: `
      SELECT identity.schema, concat_ws(' ', identity.type, identity.identity) AS name, jsonb_build_object('text', description) AS facts
        FROM pg_description CROSS JOIN LATERAL pg_identify_object(classoid, objoid, objsubid) AS identity
       WHERE (objoid >= 16384 OR classoid = 'pg_namespace'::regclass AND objoid = 'public'::regnamespace)
         AND NOT EXISTS (SELECT FROM pg_depend WHERE pg_depend.classid = classoid AND pg_depend.objid = objoid AND deptype = 'e')`,
    object: otherObjects,
  };
}

const notOfExtension = (catalog: string, oid = `${catalog}.oid`): string =>
  `NOT EXISTS (SELECT FROM pg_depend AS made WHERE made.classid = '${catalog}'::regclass AND made.objid = ${oid} AND made.deptype = 'e')`;

/** Privileges in words, the defaults included. Owners got MAINTAIN with 17; without it all majors have the same ones. */
const acl = (kind: string, list: string, owner: string): string => `(
  SELECT jsonb_agg(privilege ORDER BY privilege COLLATE "C")
    FROM (SELECT concat_ws(' ', CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, privilege_type, CASE WHEN is_grantable THEN 'with grant option' END, 'by', grantor::regrole) AS privilege
            FROM aclexplode(coalesce(${list}, acldefault('${kind}', ${owner})))
           WHERE privilege_type <> 'MAINTAIN') AS exploded)`;

type Both = (major: number, sql: string) => string;

const relations = (both: Both): string => `
  SELECT nspname AS schema, pg_class.oid::regclass::text AS name, jsonb_build_object(
           'kind', relkind, 'persistence', relpersistence, 'owner', relowner::regrole, 'acl', CASE WHEN relkind <> 'c' THEN ${aclOfRelation} END, 'options', reloptions,
           'row security', relrowsecurity, 'forced row security', relforcerowsecurity, 'replica identity', relreplident, 'of type', nullif(reloftype, 0)::regtype,
           ${both(12, `'access method', (SELECT amname FROM pg_am WHERE pg_am.oid = relam AND relkind IN ('r', 'm')),`)}
           'partition key', pg_get_partkeydef(pg_class.oid), 'partition bound', pg_get_expr(relpartbound, pg_class.oid),
           'parents', (SELECT jsonb_agg(inhparent::regclass ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = pg_class.oid),
           'foreign server', (SELECT srvname FROM pg_foreign_table JOIN pg_foreign_server ON pg_foreign_server.oid = ftserver WHERE ftrelid = pg_class.oid)) AS facts
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
   WHERE relkind NOT IN ('i', 'I', 't') AND pg_class.oid >= 16384 AND ${notOfExtension('pg_class')}`;

const aclOfRelation = `CASE WHEN relkind = 'S' THEN ${acl('s', 'relacl', 'relowner')} ELSE ${acl('r', 'relacl', 'relowner')} END`;

/** From 17 on, partitions have the identity of their parent; before, they have none. The numbers of columns differ where some were dropped. */
const columns = (both: Both): string => `
  SELECT nspname AS schema, attrelid::regclass || '.' || quote_ident(attname) AS name, jsonb_build_object(
           'place', row_number() OVER (PARTITION BY attrelid ORDER BY attnum), 'type', format_type(atttypid, atttypmod), 'not null', attnotnull,
           'identity', CASE WHEN relispartition THEN '' ELSE attidentity END, ${both(12, "'generated', attgenerated,")}
           'default', (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum),
           'collation', CASE WHEN attcollation <> (SELECT typcollation FROM pg_type WHERE pg_type.oid = atttypid) THEN (SELECT collname FROM pg_collation WHERE pg_collation.oid = attcollation) END,
           'storage', attstorage, ${both(14, "'compression', attcompression,")} 'statistics', nullif(attstattarget, -1), 'options', attoptions, 'local', attislocal,
           'acl', (SELECT jsonb_agg(concat_ws(' ', CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, privilege_type, is_grantable) ORDER BY grantee::regrole::text, privilege_type) FROM aclexplode(attacl))) AS facts
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
   WHERE attnum > 0 AND NOT attisdropped AND relkind NOT IN ('i', 'I', 't', 'S') AND attrelid >= 16384 AND ${notOfExtension('pg_class', 'attrelid')}`;

/**
 * From 18 on, NOT NULL is a constraint as well; columns say so on all majors. What partitions inherit has names that
 * Postgres chooses, so it goes by its definition.
 */
const constraints = (lowestMajor: number): string => `
  SELECT nspname AS schema,
         concat_ws(' ', CASE conrelid WHEN 0 THEN contypid::regtype::text ELSE conrelid::regclass::text END, CASE conparentid WHEN 0 THEN quote_ident(conname) ELSE pg_get_constraintdef(pg_constraint.oid) END) AS name,
         jsonb_build_object('definition', pg_get_constraintdef(pg_constraint.oid), 'validated', convalidated, 'index', CASE WHEN contype IN ('p', 'u', 'x') THEN conindid::regclass END) AS facts
    FROM pg_constraint JOIN pg_namespace ON pg_namespace.oid = connamespace
   WHERE contype <> 't' ${lowestMajor >= 18 ? '' : "AND contype <> 'n'"} AND pg_constraint.oid >= 16384 AND ${notOfExtension('pg_class', 'conrelid')} AND ${notOfExtension('pg_type', 'contypid')}`;

const types = `
  SELECT nspname AS schema, pg_type.oid::regtype::text AS name, jsonb_build_object(
           'kind', typtype, 'owner', typowner::regrole, 'acl', ${acl('T', 'typacl', 'typowner')}, 'base', format_type(nullif(typbasetype, 0), typtypmod), 'not null', typnotnull, 'default', typdefault,
           'labels', (SELECT jsonb_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = pg_type.oid),
           'subtype', (SELECT concat_ws(' ', rngsubtype::regtype, opcname, nullif(rngsubdiff, 0)::regprocedure) FROM pg_range JOIN pg_opclass ON pg_opclass.oid = rngsubopc WHERE rngtypid = pg_type.oid)) AS facts
    FROM pg_type JOIN pg_namespace ON pg_namespace.oid = typnamespace
    -- Array types come and go with their element's type, row types with their table, multiranges (from 14 on) with their range.
   WHERE typtype IN ('b', 'c', 'd', 'e', 'r') AND NOT (typtype = 'b' AND typcategory = 'A') AND (typrelid = 0 OR (SELECT relkind FROM pg_class WHERE pg_class.oid = typrelid) = 'c')
     AND pg_type.oid >= 16384 AND ${notOfExtension('pg_type')}`;

/** What is rare enough that its name has to do. */
const NAMED_CATALOGS = [
  'pg_operator', 'pg_opclass', 'pg_opfamily', 'pg_collation', 'pg_conversion', 'pg_cast', 'pg_am', 'pg_language', 'pg_transform',
  'pg_ts_config', 'pg_ts_dict', 'pg_ts_parser', 'pg_ts_template', 'pg_foreign_data_wrapper', 'pg_foreign_server', 'pg_user_mapping',
];

const otherObjects = NAMED_CATALOGS.map(
  (catalog) => `
  SELECT identity.schema, concat_ws(' ', identity.type, identity.identity) AS name, '{}'::jsonb AS facts
    FROM ${catalog} CROSS JOIN LATERAL pg_identify_object('${catalog}'::regclass, ${catalog}.oid, 0) AS identity
   WHERE ${catalog}.oid >= 16384 AND ${notOfExtension(catalog)}`,
).join(' UNION ALL ');
