import type { Session } from '../postgres/connection.ts';
import { AUDIT_COLUMNS, type AuditRow } from './audit-row.ts';
import type { Catalog } from './open-catalog.ts';

export interface AuditFilter {
  readonly runId?: string | undefined;
  readonly limit: number;
}

/** The latest events, oldest first. */
export function latestAudit(catalog: Catalog, { runId, limit }: AuditFilter): Promise<AuditRow[]> {
  const sql = `
    SELECT ${AUDIT_COLUMNS}
    FROM pgconvoy.audit
    WHERE $1::text IS NULL OR run_id = $1
    ORDER BY seq DESC
    LIMIT $2`;
  return catalog.sessions.use(async (session) => (await session.rows<AuditRow>(sql, [runId, limit])).toReversed());
}

const PAGE = 1_000;

/** Every event in the order of the chain, read page by page. */
export async function* allRows(session: Session): AsyncGenerator<AuditRow> {
  const sql = `
    SELECT ${AUDIT_COLUMNS}
    FROM pgconvoy.audit
    WHERE seq > $1
    ORDER BY seq
    LIMIT ${PAGE}`;
  let after = Number.MIN_SAFE_INTEGER; // rows below 1 are not ours, and shall be seen
  for (;;) {
    const page = await session.rows<AuditRow>(sql, [after]);
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)!.seq;
  }
}
