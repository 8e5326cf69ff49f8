import type { Json } from '../canonical-json.ts';

/** Looks at a value and says what is wrong with it, each sentence beginning with the path. */
export type Shape = (value: Json, path: string) => readonly string[];

const FINE: readonly string[] = [];

const must = (fine: (value: Json) => boolean, what: string): Shape => (value, path) => (fine(value) ? FINE : [`${path} is not ${what}`]);

export const text: Shape = must((value) => typeof value === 'string', 'a text');
export const matching = (pattern: RegExp, what: string): Shape => must((value) => typeof value === 'string' && pattern.test(value), what);
export const oneOf = (...values: readonly string[]): Shape => must((value) => typeof value === 'string' && values.includes(value), `one of ${values.join(', ')}`);
export const count: Shape = must((value) => Number.isSafeInteger(value) && (value as number) >= 0, 'a count');
export const orNull = (shape: Shape): Shape => (value, path) => (value === null ? FINE : shape(value, path));

export const listOf = (shape: Shape): Shape => (value, path) => (Array.isArray(value) ? (value as readonly Json[]).flatMap((item, index) => shape(item, `${path}[${index}]`)) : [`${path} is not a list`]);

/** Exactly these fields: one too many is as wrong as one too few. */
export const record = (fields: Readonly<Record<string, Shape>>): Shape => (value, path) => {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [`${path} is not an object`];
  const members = value as Readonly<Record<string, Json>>;
  const inside = path === '' ? '' : `${path}.`;
  const unknown = Object.keys(members).filter((name) => !Object.hasOwn(fields, name));
  return [
    ...Object.entries(fields).flatMap(([name, shape]) => (Object.hasOwn(members, name) ? shape(members[name] as Json, inside + name) : [`${inside}${name} is missing`])),
    ...unknown.map((name) => `${inside}${name.slice(0, 40)} is not a field of a manifest`),
  ];
};
