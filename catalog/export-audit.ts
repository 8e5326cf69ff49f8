import { canonicalJson, toJson } from '../domain/canonical-json.ts';
import type { Session } from '../postgres/connection.ts';
import { allRows } from './audit-rows.ts';
import type { Catalog } from './open-catalog.ts';

/** Gives all events to `write` as lines of canonical JSON, of one snapshot, in the order of the chain. */
export function exportAudit(catalog: Catalog, write: (lines: AsyncIterable<string>) => Promise<void>): Promise<void> {
  return catalog.sessions.transaction((session) => write(linesOf(session)), 'ISOLATION LEVEL REPEATABLE READ READ ONLY');
}

async function* linesOf(session: Session): AsyncGenerator<string> {
  for await (const row of allRows(session)) yield `${canonicalJson(toJson(row))}\n`;
}
