/** A value as postgresql.conf wants it: in quotes, with quotes and backslashes doubled. */
export const quoteSetting = (value: string | number | boolean): string => `'${String(value).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

const NAME = /^\s*([a-z_.A-Z0-9]+)\s*(?:=|\s)/;

/**
 * The text of postgresql.auto.conf with other settings; null takes one away. Every line of a name goes, because of several the last one counts, and
 * leftovers are what points a node at the wrong primary (HA44).
 */
export function withSettings(text: string, settings: Readonly<Record<string, string | number | boolean | null>>): string {
  const kept = text.split('\n').filter((line) => line.trim() !== '' && !Object.hasOwn(settings, NAME.exec(line)?.[1]?.toLowerCase() ?? ''));
  const added = Object.entries(settings).filter((entry): entry is [string, string | number | boolean] => entry[1] !== null).map(([name, value]) => `${name} = ${quoteSetting(value)}`);
  return [...kept, ...added, ''].join('\n');
}

/** Settings that a configuration file makes, the last line of a name counting; includes are not followed. */
export function settingsIn(text: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [, name, quoted, plain] = /^\s*([a-zA-Z_][\w.]*)\s*(?:=\s*|\s+)(?:'((?:[^'\\]|''|\\.)*)'|([^\s#']+))/.exec(line) ?? [];
    if (name !== undefined) found[name.toLowerCase()] = quoted === undefined ? plain! : quoted.replaceAll("''", "'").replaceAll(/\\(.)/g, '$1');
  }
  return found;
}
