import { recopyLimit } from '../../cutover/recopy.ts';
import { showBytes } from '../amounts.ts';
import { counted, type Names } from '../fact.ts';
import { BOTH, ONLINE, ok, problem, whenKnown, whenNone, type Rule } from '../rule.ts';
import type { SourceObjects } from '../source-facts.ts';

type NamedObjects = { [K in keyof SourceObjects]: SourceObjects[K] extends Names ? K : never }[keyof SourceObjects];

/** A rule that reports objects of one kind by name. */
interface Listing extends Omit<Rule, 'decide'> {
  readonly objects: NamedObjects;
  /** One of them, and several. */
  readonly words: readonly [string, string];
  /** What comes of it, after the number. */
  readonly consequence: string;
  readonly remedy: string;
}

const listing = ({ objects, words: [one, many], consequence, remedy, ...rule }: Listing): Rule => ({
  ...rule,
  decide: ({ source }) =>
    whenKnown([source.objects], (facts) =>
      whenNone(facts[objects], { none: `There are no ${many}.`, some: `${counted(facts[objects].count, one, many)}, ${consequence}`, remedy }),
    ),
});

/** Tables and what hangs on them. */
export const sourceObjectRules: readonly Rule[] = [
  listing({
    id: 'unlogged-tables',
    title: 'Every table is in the log',
    severity: 'information',
    modes: ONLINE,
    answers: ['F19'],
    objects: 'unlogged',
    words: ['unlogged table', 'unlogged tables'],
    consequence: 'whose changes do not travel, so that they are copied anew inside the window of the cutover',
    remedy: 'Nothing to do; to make the window shorter: ALTER TABLE <name> SET LOGGED; or put it under scope.excludeTables of the migration.',
  }),
  {
    id: 'unlogged-size',
    title: 'Unlogged tables fit into the window of the cutover',
    severity: 'blocking',
    modes: ONLINE,
    answers: ['F19'],
    decide: ({ source, request }) =>
      whenKnown([source.objects], ({ unloggedBytes }) => {
        const limit = recopyLimit(request.cutoverBudgetMs);
        if (unloggedBytes <= limit) return ok(`Unlogged tables have ${showBytes(unloggedBytes)}; a window of ${request.cutoverBudgetMs} ms copies ${showBytes(limit)} anew.`);
        return problem(
          `Unlogged tables have ${showBytes(unloggedBytes)}, and a window of ${request.cutoverBudgetMs} ms copies no more than ${showBytes(limit)} anew: their changes would be lost.`,
          'ALTER TABLE <name> SET LOGGED; for those that matter, put the others under scope.excludeTables of the migration, or raise cutover.budget.',
        );
      }),
  },
  listing({
    id: 'firing-triggers',
    title: 'No trigger fires again on the target',
    severity: 'warning',
    modes: ONLINE,
    answers: ['F22'],
    objects: 'firingTriggers',
    words: ['ENABLE ALWAYS or REPLICA trigger', 'ENABLE ALWAYS or REPLICA triggers'],
    consequence: 'which fire on the target for rows that the source has already treated',
    remedy: 'Look whether a second firing does harm; if so ALTER TABLE <table> ENABLE TRIGGER <trigger>; on the source for the time of the migration.',
  }),
  listing({
    id: 'invalid-indexes',
    title: 'Every index is valid',
    severity: 'warning',
    modes: BOTH,
    answers: ['F62'],
    objects: 'invalidIndexes',
    words: ['invalid index', 'invalid indexes'],
    consequence: 'which are not carried over',
    remedy: 'REINDEX INDEX CONCURRENTLY <name>; (12 and later) or DROP INDEX <name>;',
  }),
  listing({
    id: 'not-valid-constraints',
    title: 'Every constraint is validated',
    severity: 'information',
    modes: BOTH,
    answers: ['F24', 'F25'],
    objects: 'notValidConstraints',
    words: ['NOT VALID constraint', 'NOT VALID constraints'],
    consequence: 'which stay NOT VALID on the target',
    remedy: 'ALTER TABLE <table> VALIDATE CONSTRAINT <name>; if the rows are good.',
  }),
  listing({
    id: 'foreign-tables',
    title: 'No data lies on other servers',
    severity: 'information',
    modes: BOTH,
    answers: ['F35'],
    objects: 'foreignTables',
    words: ['foreign table', 'foreign tables'],
    consequence: 'of which only the definition moves',
    remedy: 'Look that the target reaches the foreign servers.',
  }),
  listing({
    id: 'user-mappings',
    title: 'No user mapping carries a secret',
    severity: 'warning',
    modes: BOTH,
    answers: ['F35'],
    objects: 'userMappings',
    words: ['user mapping', 'user mappings'],
    consequence: 'whose passwords are only in the dump if our role may read them',
    remedy: 'ALTER USER MAPPING … OPTIONS (SET password …); on the target before the cutover.',
  }),
  listing({
    id: 'generated-columns',
    title: 'Generated columns',
    severity: 'information',
    modes: BOTH,
    answers: ['F8'],
    objects: 'generatedColumns',
    words: ['table with generated columns', 'tables with generated columns'],
    consequence: 'which are not copied but computed on the target',
    remedy: 'Nothing to do.',
  }),
  listing({
    id: 'identity-always-columns',
    title: 'Identity columns GENERATED ALWAYS',
    severity: 'information',
    modes: BOTH,
    answers: ['F9'],
    objects: 'identityAlways',
    words: ['table with identity columns GENERATED ALWAYS', 'tables with identity columns GENERATED ALWAYS'],
    consequence: 'whose values are kept; the sequence follows at the cutover',
    remedy: 'Nothing to do.',
  }),
  listing({
    id: 'partitioned-tables',
    title: 'Partitioned tables',
    severity: 'information',
    modes: BOTH,
    answers: ['F17'],
    objects: 'partitioned',
    words: ['partitioned table', 'partitioned tables'],
    consequence: 'of which the leaves are copied and published; a leaf attached later is not',
    remedy: 'Attach no partition until the cutover; let pg_partman and its like rest.',
  }),
  listing({
    id: 'truncate-cascade',
    title: 'No TRUNCATE … CASCADE reaches a partitioned table',
    severity: 'warning',
    modes: ONLINE,
    answers: ['F17', 'F23'],
    objects: 'partitionedKeys',
    words: ['foreign key of a partitioned table', 'foreign keys of partitioned tables'],
    consequence: 'through which a TRUNCATE … CASCADE cannot be applied on the target, where replication then stops: the log names the leaves and not their parent',
    remedy: 'DELETE instead of TRUNCATE … CASCADE on the tables that are referred to, until the cutover; if it happened, abort and start anew.',
  }),
  listing({
    id: 'inherited-tables',
    title: 'Tables with inheritance',
    severity: 'information',
    modes: BOTH,
    answers: ['F18'],
    objects: 'inherited',
    words: ['parent of inheritance', 'parents of inheritance'],
    consequence: 'of which only their own rows are copied, the children on their own',
    remedy: 'Nothing to do.',
  }),
  listing({
    id: 'clashing-names',
    title: 'Names that differ in case only',
    severity: 'information',
    modes: BOTH,
    answers: ['F15'],
    objects: 'clashingNames',
    words: ['name that differs from another in case only', 'names that differ from others in case only'],
    consequence: 'which move as they are',
    remedy: 'Write them exactly, in their case, in the inventory.',
  }),
  listing({
    id: 'materialized-views',
    title: 'Materialized views',
    severity: 'information',
    modes: BOTH,
    answers: ['F20'],
    objects: 'materializedViews',
    words: ['materialized view', 'materialized views'],
    consequence: 'which are not replicated but refreshed on the target',
    remedy: 'Count the time of their REFRESH in, or refresh after the cutover.',
  }),
  {
    id: 'large-objects',
    title: 'No large objects, which the log does not carry',
    severity: 'warning',
    modes: ONLINE,
    answers: ['F29'],
    decide: ({ source }) =>
      whenKnown([source.objects], ({ largeObjects }) =>
        largeObjects === 0
          ? ok('There are no large objects.')
          : problem(`${counted(largeObjects, 'large object')}, and no logical stream carries them.`, 'Choose `mode: offline`, or move them into bytea columns first.'),
      ),
  },
];
