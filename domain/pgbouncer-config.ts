/**
 * The text of pgbouncer.ini with the entry of a database pointing at another server, all else untouched; undefined when there is
 * no such entry. Entries are lines `name = host=… port=… dbname=…`, in the section [databases] or in a file without sections
 * that is included from it. https://www.pgbouncer.org/config.html#section-databases
 */
export function pointEntry(text: string, entry: string, goal: { readonly host: string; readonly port: number; readonly database: string }): string | undefined {
  let section = 'databases';
  let found = false;
  const lines = text.split('\n').map((line) => {
    const heading = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1];
    if (heading !== undefined) section = heading;
    const match = section === 'databases' ? /^(\s*("(?:[^"]|"")*"|[^\s=;#]+)\s*=\s*)(.*)$/.exec(line) : null;
    if (match === null || unquote(match[2] ?? '') !== entry) return line;
    found = true;
    return `${match[1]}${withGoal(match[3] ?? '', goal)}`;
  });
  return found ? lines.join('\n') : undefined;
}

const unquote = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name);

function withGoal(settings: string, goal: { readonly host: string; readonly port: number; readonly database: string }): string {
  const rest = settings.replaceAll(/\b(host|port|dbname)\s*=\s*('(?:[^']|'')*'|\S+)\s*/g, '').trim();
  const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;
  return [`host=${quoted(goal.host)}`, `port=${goal.port}`, `dbname=${quoted(goal.database)}`, rest].filter(Boolean).join(' ');
}
