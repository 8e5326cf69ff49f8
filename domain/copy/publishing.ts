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

/**
 * An unlogged table is not in the log, so nothing of it can be followed. A table without identity follows the choice made for
 * it; preflight has refused to begin where there is none (F1), so that nothing is ever published that would break the
 * application. An offline copy follows nothing and takes every table whole.
 */
export function publishingOf(table: TableTraits, plan: { readonly mode: 'online' | 'offline'; readonly noIdentity: Readonly<Record<string, NoIdentityChoice>> }): Publishing {
  const name = `${table.schema}.${table.name}`;
  const choice = plan.noIdentity[name] ?? Object.entries(plan.noIdentity).find(([pattern]) => matchesPattern(pattern, name))?.[1];
  if (choice === 'skip' && !table.hasIdentity) return 'skip';
  if (plan.mode === 'offline') return 'all';
  if (table.persistence === 'u') return 'none';
  return table.hasIdentity ? 'all' : (choice ?? 'none');
}
