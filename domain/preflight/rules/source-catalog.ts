import { listNames, namesOf, type Names } from '../fact.ts';
import { BOTH, ONLINE, ok, problem, whenKnown, whenNone, type Rule } from '../rule.ts';
import type { SourceCatalog } from '../source-facts.ts';

type NamedObjects = { [K in keyof SourceCatalog]: SourceCatalog[K] extends Names ? K : never }[keyof SourceCatalog];

interface Listing extends Omit<Rule, 'decide' | 'modes'> {
  readonly modes?: Rule['modes'];
  readonly objects: NamedObjects;
  readonly none: string;
  readonly some: string;
  readonly remedy: string;
}

const listing = ({ objects, none, some, remedy, ...rule }: Listing): Rule => ({
  modes: BOTH,
  ...rule,
  decide: ({ source }) => whenKnown([source.catalog], (catalog) => whenNone(catalog[objects], { none, some: `${catalog[objects].count} ${some}`, remedy })),
});

/** Extensions whose tables are not plain tables: their changes cannot be decoded as rows of the table they belong to. */
const NOT_DECODABLE = new Set(['timescaledb', 'citus', 'columnar', 'pg_ivm']);

/** What surrounds the tables. */
export const sourceCatalogRules: readonly Rule[] = [
  {
    id: 'decodable-extensions',
    title: 'No extension keeps tables that cannot be decoded',
    severity: 'blocking',
    modes: ONLINE,
    answers: ['F28'],
    decide: ({ source }) =>
      whenKnown([source.catalog], ({ extensions }) => {
        const found = extensions.map(({ name }) => name).filter((name) => NOT_DECODABLE.has(name));
        if (found.length === 0) return ok(`${extensions.length} extensions, none of which keeps tables of its own kind.`);
        return problem(`Extensions that keep their rows in tables of their own kind: ${listNames(namesOf(found))}.`, 'Choose `mode: offline`.');
      }),
  },
  listing({
    id: 'table-access-methods',
    title: 'Every table is a heap',
    severity: 'warning',
    answers: [],
    objects: 'accessMethods',
    none: 'Every table uses the heap access method.',
    some: 'tables use another access method',
    remedy: 'Look that the extension that provides it is on the target.',
  }),
  listing({
    id: 'search-path-functions',
    title: 'Functions in indexes name their schemas',
    severity: 'warning',
    answers: ['F26'],
    objects: 'searchPathFunctions',
    none: 'No function in an index, a generated column or a constraint leaves its search_path open.',
    some: 'functions are used by indexes, generated columns or constraints and leave their search_path open, which a restore empties',
    remedy: 'ALTER FUNCTION <name> SET search_path = <schema>, pg_catalog;',
  }),
  listing({
    id: 'tablespaces',
    title: 'Everything lies in the default tablespace',
    severity: 'warning',
    answers: ['F36'],
    objects: 'tablespaces',
    none: 'No relation lies in a tablespace of its own.',
    some: 'relations lie in other tablespaces and go to the default one',
    remedy: 'Nothing to do, or move them after the cutover: ALTER TABLE <name> SET TABLESPACE <tablespace>;',
  }),
  listing({
    id: 'security-labels',
    title: 'No security labels',
    severity: 'warning',
    answers: ['F33'],
    objects: 'securityLabels',
    none: 'There are no security labels.',
    some: 'security labels need their provider on the target',
    remedy: 'Put the provider into shared_preload_libraries of the target.',
  }),
  listing({
    id: 'custom-objects',
    title: 'Own collations, casts, operators and text search configurations',
    severity: 'information',
    answers: ['F16', 'F30'],
    objects: 'customObjects',
    none: 'There are none of them.',
    some: 'objects of these kinds move with the dump',
    remedy: 'Nothing to do; the catalogs of both sides are compared after the migration.',
  }),
  listing({
    id: 'extension-rows',
    title: 'No extension keeps rows of users',
    severity: 'warning',
    answers: ['F27'],
    objects: 'extensionRows',
    none: 'No table of an extension holds rows of users.',
    some: 'tables of extensions hold rows of users, which are not copied: CREATE EXTENSION makes them anew',
    remedy: 'After the migration, pg_dump --data-only --table=<name> from the source into the target; spatial_ref_sys of PostGIS needs that only for systems of your own.',
  }),
  listing({
    id: 'source-event-triggers',
    title: 'No event trigger runs on what we do',
    severity: 'warning',
    answers: ['F22', 'F57'],
    objects: 'eventTriggers',
    none: 'There are no event triggers.',
    some: 'event triggers run when we make our schema, and only a superuser can make them on the target',
    remedy: 'Look that they let CREATE SCHEMA and CREATE PUBLICATION pass; ALTER EVENT TRIGGER <name> DISABLE; if not.',
  }),
  listing({
    id: 'source-publish-all',
    title: 'No publication takes in every table',
    severity: 'warning',
    modes: ONLINE,
    answers: ['F52'],
    objects: 'publishAll',
    none: 'No publication is FOR ALL TABLES.',
    some: 'publications are FOR ALL TABLES and would send our heartbeat table to their subscribers',
    remedy: 'Tell the owner of the subscribers, or exclude our schema there.',
  }),
  listing({
    id: 'source-subscriptions',
    title: 'The source is not a subscriber itself',
    severity: 'warning',
    answers: ['F35'],
    objects: 'subscriptions',
    none: 'The source has no subscriptions.',
    some: 'subscriptions bring changes into the source and have to be moved by hand',
    remedy: 'Make them on the target after the cutover, with the slot at the position where the source stopped.',
  }),
];
