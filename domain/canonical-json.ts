/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Any value as plain JSON: dates become text, secrets stars, absent fields vanish. Characters that Postgres cannot keep
 * in jsonb (NUL, half a surrogate pair) become U+FFFD, so that text of other programs never breaks what records it.
 */
export function toJson(value: unknown): Json {
  const text = JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? part.toWellFormed().replaceAll('\0', '\uFFFD') : part));
  return text === undefined ? null : (JSON.parse(text) as Json);
}

/** The one text of a JSON value: keys sorted by UTF-16 code units and no space, as RFC 8785 has it. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
