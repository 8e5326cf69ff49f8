import type { Session } from '../connection.ts';
import { quoteIdent, quoteLiteral } from '../quoting.ts';

export interface OwnSetting {
  /** What ALTER SYSTEM has set it to; null: nothing. */
  readonly altered: string | null;
  /** Whether a reload is enough. */
  readonly reloadable: boolean;
}

/** Settings of this server, by name; those it does not know are left out. */
export async function readOwnSettings(session: Session, names: readonly string[]): Promise<Readonly<Record<string, OwnSetting | undefined>>> {
  const rows = await session.rows<OwnSetting & { readonly name: string }>(
    `SELECT known.name, known.context IN ('sighup', 'superuser', 'user', 'backend', 'superuser-backend') AS reloadable,
            (SELECT setting FROM pg_catalog.pg_file_settings AS file WHERE file.name = known.name AND file.sourcefile LIKE '%/postgresql.auto.conf' ORDER BY seqno DESC LIMIT 1) AS altered
     FROM pg_catalog.pg_settings AS known WHERE known.name = ANY ($1)`,
    [names],
  );
  return Object.fromEntries(rows.map(({ name, ...setting }) => [name, setting]));
}

/** Sets settings by ALTER SYSTEM, null takes one away, and reloads. */
export async function alterSystem(session: Session, settings: Readonly<Record<string, string | null>>): Promise<void> {
  const entries = Object.entries(settings);
  if (entries.length === 0) return;
  for (const [name, value] of entries) await session.execute(`ALTER SYSTEM ${value === null ? `RESET ${quoteIdent(name)}` : `SET ${quoteIdent(name)} = ${quoteLiteral(value)}`}`);
  await session.execute('SELECT pg_catalog.pg_reload_conf()');
}
