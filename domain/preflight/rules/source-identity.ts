import { showBytes } from '../amounts.ts';
import { counted, listNames, namesOf } from '../fact.ts';
import type { PreflightFacts } from '../facts.ts';
import { resolveIdentity, type IdentityChoices, type MissingKey, type TableIdentity } from '../identity.ts';
import { ONLINE, ok, problem, whenKnown, type Outcome, type Rule } from '../rule.ts';

/** How updates and deletes find their row on the target. A publication comes only after all of these are decided. */
export const sourceIdentityRules: readonly Rule[] = [
  {
    id: 'table-identity',
    title: 'Every table has a key for its updates and deletes, or a choice',
    severity: 'blocking',
    modes: ONLINE,
    answers: ['F1'],
    decide: (facts) => undecided(facts, ['no-key'], { none: 'Every table has a primary key, another identity, or a choice.', some: 'no primary key' }),
  },
  {
    id: 'table-identity-lost',
    title: 'No table has its identity switched off or lost',
    severity: 'blocking',
    modes: ONLINE,
    answers: ['F3'],
    decide: (facts) => undecided(facts, ['nothing', 'index-gone'], { none: 'No identity is switched off or lost without a choice.', some: 'replica identity NOTHING, or as identity an index that is gone' }),
  },
  {
    id: 'table-identity-deferrable',
    title: 'No table rests on a deferrable key',
    severity: 'blocking',
    modes: ONLINE,
    answers: ['F4'],
    decide: (facts) => undecided(facts, ['deferrable'], { none: 'No table rests on a deferrable key without a choice.', some: 'only a deferrable primary key, which cannot be an identity' }),
  },
  {
    id: 'full-identity-types',
    title: 'Rows that are compared whole can be compared',
    severity: 'blocking',
    modes: ONLINE,
    answers: ['F2'],
    decide: ({ source, request }) =>
      whenKnown([source.tablesWithoutKey], (tables) => {
        const stuck = comparedWhole(tables, request.noIdentity).filter((table) => table.incomparable.length > 0);
        if (stuck.length === 0) return ok('No table with replica identity FULL has a column without equality.');
        const names = namesOf(stuck.map((table) => `${nameOf(table)} (${table.incomparable.join(', ')})`));
        return problem(`${counted(stuck.length, 'table')} with replica identity FULL ${are(stuck)} not comparable, and the first update would stop the target: ${listNames(names)}.`, remedyFor(stuck, 'insert-only'));
      }),
  },
  {
    id: 'full-identity-cost',
    title: 'No large table is searched row by row',
    severity: 'warning',
    modes: ONLINE,
    answers: ['F2', 'F5'],
    decide: ({ source, request }) =>
      whenKnown([source.tablesWithoutKey], (tables) => {
        const slow = comparedWhole(tables, request.noIdentity).filter((table) => table.bytes > LARGE_BYTES && table.changes > 0);
        if (slow.length === 0) return ok(`No table above ${showBytes(LARGE_BYTES)} that is updated has replica identity FULL.`);
        const names = namesOf(slow.map((table) => `${nameOf(table)} (${showBytes(table.bytes)}, ${table.changes} updates and deletes)`));
        return problem(`Each update of ${counted(slow.length, 'table')} reads the whole table on the target: ${listNames(names)}.`, remedyFor(slow, 'full'));
      }),
  },
];

/** Below this a sequential scan per changed row is bearable. */
const LARGE_BYTES = 64 * 1024 * 1024;

const nameOf = ({ schema, table }: TableIdentity): string => `${schema}.${table}`;
const are = (tables: readonly TableIdentity[]): string => (tables.length === 1 ? 'is' : 'are');

const comparedWhole = (tables: readonly TableIdentity[], choices: IdentityChoices): TableIdentity[] =>
  tables.filter((table) => resolveIdentity(table, choices).kind === 'full');

function undecided({ source, request }: PreflightFacts, reasons: readonly MissingKey[], words: { none: string; some: string }): Outcome {
  return whenKnown([source.tablesWithoutKey], (tables) => {
    const open = tables.filter((table) => {
      const identity = resolveIdentity(table, request.noIdentity);
      return identity.kind === 'undecided' && reasons.includes(identity.reason);
    });
    if (open.length === 0) return ok(words.none);
    return problem(`${counted(open.length, 'table')} ${open.length === 1 ? 'has' : 'have'} ${words.some}: ${listNames(namesOf(open.map(nameOf)))}.`, remedyFor(open, 'full'));
  });
}

/** The SQL for the first table that has a usable index, and the line of the inventory for the others. */
function remedyFor(tables: readonly TableIdentity[], choice: 'full' | 'insert-only'): string {
  const indexed = tables.find((table) => table.usableIndex !== null);
  const rest = tables.find((table) => table.usableIndex === null);
  const lines = [
    ...(indexed ? [`ALTER TABLE ${quoted(indexed)} REPLICA IDENTITY USING INDEX "${indexed.usableIndex}";`] : []),
    ...(rest ? [`Add a primary key, or write under noIdentity of the migration: "${nameOf(rest)}": ${choice} (full, insert-only or skip).`] : []),
  ];
  return lines.join(' ');
}

const quoted = ({ schema, table }: TableIdentity): string => [schema, table].map((name) => `"${name.replaceAll('"', '""')}"`).join('.');
