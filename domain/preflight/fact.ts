import type { ErrorReport } from '../errors.ts';

/** The answer to one question to a server, or why there is none. An answer that is missing is never taken for a good one. */
export type Fact<T> = { readonly ok: T } | { readonly failed: ErrorReport };

/** Names of objects, bounded: how many there are, and the first of them in order. */
export interface Names {
  readonly count: number;
  readonly first: readonly string[];
}

/** How many names a {@link Names} carries at most. */
export const NAMES_SHOWN = 10;

/** All the names, cut to what is shown. */
export const namesOf = (all: readonly string[]): Names => ({ count: all.length, first: all.slice(0, NAMES_SHOWN) });

/** `a, b, c and 312 more`. */
export function listNames({ count, first }: Names): string {
  const rest = count - first.length;
  return rest > 0 ? `${first.join(', ')} and ${rest} more` : first.join(', ');
}

/** `1 table`, `3 tables`, `2 indexes`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
