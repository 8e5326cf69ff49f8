import type { NoIdentityChoice } from '../migration/plan.ts';
import { matchesPattern } from './scope.ts';

/**
 * How the changes of a table are carried: addressed by its identity, by the whole row, INSERTs alone, or not at all; a table
 * that is skipped is not even copied, its definition alone goes over.
 */
export type Publishing = 'all' | 'full' | 'insert-only' | 'none' | 'skip';

export interface TableTraits {
  readonly schema: string;
  readonly name: string;
  readonly persistence: 'p' | 'u';
  readonly hasIdentity: boolean;
}

type Choices = { readonly mode: 'online' | 'offline'; readonly noIdentity: Readonly<Record<string, NoIdentityChoice>> };

/** The choice made for a table, by its name first, then by the first pattern that fits. */
function choiceFor(table: TableTraits, { noIdentity }: Choices): NoIdentityChoice | undefined {
  const name = `${table.schema}.${table.name}`;
  return noIdentity[name] ?? Object.entries(noIdentity).find(([pattern]) => matchesPattern(pattern, name))?.[1];
}

/** Whether an online migration cannot say how the changes of a table are to be carried. */
export const lacksChoice = (table: TableTraits, plan: Choices): boolean =>
  plan.mode === 'online' && table.persistence === 'p' && !table.hasIdentity && choiceFor(table, plan) === undefined;

/**
 * An unlogged table is not in the log, so nothing of it can be followed. A table without identity follows the choice made for
 * it; preflight has refused to begin where there is none (F1), so that nothing is ever published that would break the
 * application. An offline copy follows nothing and takes every table whole.
 */
export function publishingOf(table: TableTraits, plan: Choices): Publishing {
  const choice = choiceFor(table, plan);
  if (choice === 'skip' && !table.hasIdentity) return 'skip';
  if (plan.mode === 'offline') return 'all';
  if (table.persistence === 'u') return 'none';
  return table.hasIdentity ? 'all' : (choice ?? 'none');
}
