import { matchesPattern } from '../copy/scope.ts';
import type { NoIdentityChoice } from '../migration/plan.ts';

/** `schema.table`, or a pattern with `*`, to the choice; of several that fit, the exact name, then the first written. */
export type IdentityChoices = Readonly<Record<string, NoIdentityChoice>>;

/**
 * Why rows of a table cannot be addressed: it has no primary key; its identity was set to NOTHING; the index that was
 * its identity is gone; its primary key is deferrable, which the server does not take (F1, F3, F4).
 */
export type MissingKey = 'no-key' | 'nothing' | 'index-gone' | 'deferrable';

export interface TableIdentity {
  readonly schema: string;
  readonly table: string;
  /** pg_class.relreplident in words. */
  readonly replicaIdentity: 'default' | 'index' | 'full' | 'nothing';
  /** A key the server uses as identity now: the immediate primary key, or the chosen index. */
  readonly hasKey: boolean;
  readonly deferrableKey: boolean;
  /** A unique index that could become the identity: not partial, without expressions, valid, immediate, NOT NULL columns. */
  readonly usableIndex: string | null;
  /** `column type` of columns that cannot be compared, which FULL needs (F2). */
  readonly incomparable: readonly string[];
  readonly bytes: number;
  /** Updates and deletes since the statistics were reset. */
  readonly changes: number;
}

/** How changes of a table travel. */
export type Identity =
  | { readonly kind: 'key' }
  /** Compared column by column; `alter` when the source still has to be told REPLICA IDENTITY FULL. */
  | { readonly kind: 'full'; readonly alter: boolean }
  | { readonly kind: 'insert-only' }
  | { readonly kind: 'skip' }
  | { readonly kind: 'undecided'; readonly reason: MissingKey };

/** The choice that holds for a table. */
export function choiceFor(qualifiedName: string, choices: IdentityChoices): NoIdentityChoice | undefined {
  if (Object.hasOwn(choices, qualifiedName)) return choices[qualifiedName];
  return Object.entries(choices).find(([pattern]) => matchesPattern(pattern, qualifiedName))?.[1];
}

/** Why a table has no usable key. */
export function missingKeyOf(table: TableIdentity): MissingKey {
  if (table.replicaIdentity === 'nothing') return 'nothing';
  if (table.replicaIdentity === 'index') return 'index-gone';
  return table.deferrableKey ? 'deferrable' : 'no-key';
}

/**
 * How changes of a table travel. A choice counts only where no key does the work, so a broad pattern cannot degrade a
 * table that has one. A table that is FULL already stays so unless a choice takes it out of updates altogether.
 */
export function resolveIdentity(table: TableIdentity, choices: IdentityChoices): Identity {
  if (table.hasKey) return { kind: 'key' };
  const choice = choiceFor(`${table.schema}.${table.table}`, choices);
  if (choice === 'insert-only' || choice === 'skip') return { kind: choice };
  if (table.replicaIdentity === 'full') return { kind: 'full', alter: false };
  if (choice === 'full') return { kind: 'full', alter: true };
  return { kind: 'undecided', reason: missingKeyOf(table) };
}
