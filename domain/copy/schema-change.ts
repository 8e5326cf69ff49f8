import { canonicalJson, toJson } from '../canonical-json.ts';
import type { TableFacts } from './plan.ts';

type Known = Pick<TableFacts, 'schema' | 'name' | 'columns'>;

/**
 * What has become of the tables since the plan was made, in sentences: a table or column that nobody follows would be lost
 * without a sound. Empty when nothing has.
 */
export function schemaChanges(planned: readonly Known[], now: readonly Known[]): string[] {
  const before = new Map(planned.map((table) => [nameOf(table), table]));
  const after = new Map(now.map((table) => [nameOf(table), table]));
  const added = [...after.keys()].filter((name) => !before.has(name)).map((name) => `table ${name} is new`);
  const dropped = [...before.keys()].filter((name) => !after.has(name)).map((name) => `table ${name} is gone`);
  const changed = [...before].flatMap(([name, table]) => {
    const current = after.get(name);
    return current === undefined || columnsOf(table) === columnsOf(current) ? [] : [`the columns of table ${name} are not the same`];
  });
  return [...added, ...dropped, ...changed];
}

const nameOf = ({ schema, name }: Known): string => `${schema}.${name}`;

/** Canonical, since one side comes from the catalog, which does not keep the order of keys. */
const columnsOf = ({ columns }: Known): string => canonicalJson(toJson(columns));
