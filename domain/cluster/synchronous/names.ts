/**
 * `synchronous_standby_names` taken apart: `FIRST 2 (a, b, c)`, `ANY 1 (a, "b c")`, `2 (a, b)` and `a, b`, which is FIRST 1.
 * https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-SYNCHRONOUS-STANDBY-NAMES
 */
export interface SynchronousNames {
  readonly method: 'first' | 'any';
  /** So many must have a commit before it is acknowledged. */
  readonly count: number;
  /** In lower case, as the server compares them; `*` matches every name. */
  readonly names: readonly string[];
}

const LIST = /^(?:(first|any)\s+)?(\d+)\s*\((.*)\)$/is;
const NAME = /^\s*(?:"((?:[^"]|"")+)"|([^\s",()]+))\s*(,|$)/;

/** Null for the empty text, which means asynchronous; anything the server would not take is a RangeError. */
export function parseSynchronousNames(text: string): SynchronousNames | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const [, method = 'first', count = '1', inside = trimmed] = LIST.exec(trimmed) ?? [];
  const names = parseNames(inside, text);
  if (Number(count) < 1) throw new RangeError(`not a value of synchronous_standby_names: ${text}`);
  return { method: method.toLowerCase() as 'first' | 'any', count: Number(count), names };
}

function parseNames(inside: string, whole: string): string[] {
  const names: string[] = [];
  for (let rest = inside, more = true; more; ) {
    const [matched, quoted, plain, comma] = NAME.exec(rest) ?? [];
    if (matched === undefined) throw new RangeError(`not a value of synchronous_standby_names: ${whole}`);
    names.push((quoted?.replaceAll('""', '"') ?? plain!).toLowerCase());
    rest = rest.slice(matched.length);
    more = comma === ',';
  }
  return names;
}

/** Whether a standby of this application_name is one of those that may acknowledge. */
export const mayAcknowledge = ({ names }: SynchronousNames, applicationName: string): boolean => names.includes('*') || names.includes(applicationName.toLowerCase());

/** Lists for the setting; names are always quoted, so that any name can be given. */
export function printSynchronousNames(wanted: SynchronousNames | null): string {
  if (wanted === null) return '';
  const list = wanted.names.map((name) => (name === '*' ? name : `"${name.replaceAll('"', '""')}"`)).join(', ');
  return `${wanted.method.toUpperCase()} ${wanted.count} (${list})`;
}
