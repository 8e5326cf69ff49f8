import { OperationError } from '../domain/errors.ts';
import type { Session } from './connection.ts';
import { quoteLiteral, quoteName } from './quoting.ts';
import { runSchema } from './run-schema.ts';
import { OUR_PREFIX } from './tables.ts';

/**
 * Catalogs whose objects a schema restore may create, in the order in which they are dropped: what others hang on comes last.
 * Parts of an object (columns, rules, triggers, constraints) go with it.
 */
const CLASSES = [
  'pg_event_trigger', 'pg_publication', 'pg_class', 'pg_operator', 'pg_opclass', 'pg_opfamily', 'pg_cast', 'pg_proc', 'pg_type', 'pg_collation',
  'pg_conversion', 'pg_ts_config', 'pg_ts_dict', 'pg_ts_parser', 'pg_ts_template', 'pg_statistic_ext', 'pg_default_acl', 'pg_foreign_server',
  'pg_foreign_data_wrapper', 'pg_transform', 'pg_language', 'pg_extension', 'pg_namespace', 'pg_largeobject_metadata',
] as const;

/** OIDs below this belong to the system. */
const FIRST_NORMAL_OID = 16_384;

/** Every object of the database that initdb did not make and that stands on its own. */
const objects = (): string =>
  CLASSES.map((name, order) => `SELECT tableoid AS class, oid AS object, ${order} AS place FROM pg_catalog.${name} WHERE oid >= ${firstOf(name)}`).join('\nUNION ALL\n');

/** The system has no large objects, and whoever makes one may choose its OID. */
const firstOf = (catalog: (typeof CLASSES)[number]): number => (catalog === 'pg_largeobject_metadata' ? 0 : FIRST_NORMAL_OID);

/** Whether {@link recordWhatWasHere} has been done: before it, nothing of ours was made either. */
export async function knowsWhatWasHere(session: Session, runId: string): Promise<boolean> {
  return (await session.row<{ there: boolean }>('SELECT pg_catalog.to_regclass($1) IS NOT NULL AS there', [quoteName(runSchema(runId), 'was_here')])).there;
}

/** Writes down what is in the database before anything of the migration is; again keeps the first list. */
export async function recordWhatWasHere(session: Session, runId: string): Promise<void> {
  const list = quoteName(runSchema(runId), 'was_here');
  await session.transaction(async () => {
    const known = await session.row<{ known: boolean }>(`SELECT EXISTS (SELECT FROM ${list}) AS known`);
    if (known.known) return;
    await session.execute(`INSERT INTO ${list} SELECT class, object FROM (${objects()}) AS o ON CONFLICT DO NOTHING`);
  });
}

interface NewObject {
  readonly place: number;
  readonly kind: string;
  readonly identity: string;
}

/** Objects dropped in one transaction, which holds a lock on each. */
const BATCH = 500;

/**
 * Drops every object that came after {@link recordWhatWasHere}, whoever made it, except our own schema. Objects fall with those
 * they belong to, so several rounds may find less and less; what remains after the last is an error that names it.
 */
export async function dropWhatIsNew(session: Session, runId: string): Promise<number> {
  let dropped = 0;
  for (let round = 0; round < 4; round += 1) {
    const rest = await listNew(session, runId);
    if (rest.length === 0) return dropped;
    for (let at = 0; at < rest.length; at += BATCH) {
      const statements = rest.slice(at, at + BATCH).map((object) => `DROP ${dropKind(object)} IF EXISTS ${object.identity} CASCADE`);
      await session.execute(statements.join('; '));
      dropped += statements.length;
    }
  }
  const left = await listNew(session, runId);
  if (left.length > 0) {
    throw new OperationError('undo_incomplete', `${left.length} objects could not be dropped from ${session.place()}`, {
      detail: left.slice(0, 10).map((object) => `${object.kind} ${object.identity}`).join(', '),
    });
  }
  return dropped;
}

/** Members of extensions, row types and array types, index relations and parts of tables go with their owners. */
async function listNew(session: Session, runId: string): Promise<NewObject[]> {
  const list = quoteName(runSchema(runId), 'was_here');
  return await session.rows<NewObject>(`
    SELECT o.place, i.type AS kind, i.identity
      FROM (${objects()}) AS o
     CROSS JOIN LATERAL pg_catalog.pg_identify_object(o.class, o.object, 0) AS i
     WHERE NOT EXISTS (SELECT FROM ${list} w WHERE w.class = o.class AND w.object = o.object)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = o.class AND d.objid = o.object AND d.deptype IN ('e', 'i', 'P', 'S'))
       AND i.type NOT IN ('index', 'partitioned index', 'toast table', 'composite type', 'default acl')
       AND coalesce(i.schema, '') NOT IN ('pg_toast', ${quoteLiteral(runSchema(runId))})
       AND NOT (i.type = 'schema' AND i.name LIKE ${quoteLiteral(`${OUR_PREFIX.replaceAll('_', String.raw`\_`)}%`)})
       AND NOT (o.class = 'pg_catalog.pg_type'::regclass AND EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.oid = o.object AND (t.typrelid <> 0 OR (t.typelem <> 0 AND t.typlen = -1))))
     ORDER BY o.place, i.identity`);
}

/** pg_identify_object calls some kinds by other words than DROP does. */
function dropKind({ kind }: NewObject): string {
  if (kind === 'statistics object') return 'STATISTICS';
  if (kind === 'large object') return 'LARGE OBJECT';
  return kind.toUpperCase();
}
