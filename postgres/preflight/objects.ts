import type { Scope } from '../../domain/copy/scope.ts';
import type { Names } from '../../domain/preflight/fact.ts';
import type { SourceObjects } from '../../domain/preflight/source-facts.ts';
import type { Session } from '../connection.ts';
import { readNames } from './names.ts';
import { RELATIONS_IN_SCOPE, scopeValues } from './relations-in-scope.ts';

/** Tables and what hangs on them, as far as a rule has a word for it. */
export async function readSourceObjects(session: Session, scope: Scope): Promise<SourceObjects> {
  const names = (question: string): Promise<Names> => readNames(session, question, scopeValues(scope));
  const relations = (condition: string): Promise<Names> => names(`SELECT r.name FROM ${RELATIONS_IN_SCOPE} AS r WHERE ${condition}`);
  return {
    ...(await countRelations(session, scope)),
    unlogged: await relations(`r.relkind = 'r' AND r.relpersistence = 'u'`),
    generatedColumns: await relations(session.major >= 12 ? `r.relkind = 'r' AND ${hasColumn(`a.attgenerated <> ''`)}` : 'false'),
    identityAlways: await relations(`r.relkind IN ('r', 'p') AND NOT r.relispartition AND ${hasColumn(`a.attidentity = 'a'`)}`),
    partitioned: await relations(`r.relkind = 'p' AND NOT r.relispartition`),
    partitionedKeys: await names(PARTITIONED_KEYS),
    inherited: await relations(`r.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = r.oid)`),
    clashingNames: await names(CLASHING),
    foreignTables: await relations(`r.relkind = 'f'`),
    userMappings: await readNames(session, `SELECT usename || ' on ' || srvname AS name FROM pg_catalog.pg_user_mappings`),
    firingTriggers: await names(FIRING_TRIGGERS),
    invalidIndexes: await names(INVALID_INDEXES),
    notValidConstraints: await names(NOT_VALID),
    materializedViews: await relations(`r.relkind = 'm'`),
  };
}

async function countRelations(session: Session, scope: Scope): Promise<Pick<SourceObjects, 'tables' | 'relations' | 'sequences' | 'largeObjects' | 'unloggedBytes'>> {
  return await session.row(
    `SELECT count(*) FILTER (WHERE relkind = 'r')::int AS tables,
            count(*) FILTER (WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S'))::int AS relations,
            count(*) FILTER (WHERE relkind = 'S')::int AS sequences,
            coalesce(sum(pg_catalog.pg_table_size(r.oid)) FILTER (WHERE relkind = 'r' AND relpersistence = 'u'), 0)::bigint AS "unloggedBytes",
            (SELECT count(*)::int FROM pg_catalog.pg_largeobject_metadata) AS "largeObjects"
       FROM ${RELATIONS_IN_SCOPE} AS r`,
    scopeValues(scope),
  );
}

const hasColumn = (condition: string): string =>
  `EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND ${condition})`;

const CLASHING = `
  SELECT r.name FROM (SELECT q.*, count(*) OVER (PARTITION BY lower(q.name)) AS alike FROM ${RELATIONS_IN_SCOPE} AS q WHERE q.relkind <> 'i') AS r
   WHERE r.alike > 1`;

/** tgenabled: A always, R replica; both fire when the apply worker writes. */
const FIRING_TRIGGERS = `
  SELECT t.tgname || ' on ' || r.name AS name FROM pg_catalog.pg_trigger t JOIN ${RELATIONS_IN_SCOPE} AS r ON r.oid = t.tgrelid
   WHERE NOT t.tgisinternal AND t.tgenabled IN ('A', 'R')`;

const PARTITIONED_KEYS = `
  SELECT k.conname || ' of ' || r.name || ' to ' || k.confrelid::regclass AS name FROM pg_catalog.pg_constraint k JOIN ${RELATIONS_IN_SCOPE} AS r ON r.oid = k.conrelid
   WHERE k.contype = 'f' AND r.relkind = 'p' AND NOT r.relispartition AND k.conparentid = 0`;

const INVALID_INDEXES = `
  SELECT r.name FROM pg_catalog.pg_index i JOIN ${RELATIONS_IN_SCOPE} AS r ON r.oid = i.indexrelid WHERE NOT i.indisvalid AND r.relkind = 'i'`;

const NOT_VALID = `
  SELECT k.conname || ' on ' || r.name AS name FROM pg_catalog.pg_constraint k JOIN ${RELATIONS_IN_SCOPE} AS r ON r.oid = k.conrelid WHERE NOT k.convalidated`;
