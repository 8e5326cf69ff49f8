import { toJson } from '../domain/canonical-json.ts';
import { hashOf, type AuditRow } from './audit-row.ts';
import type { Catalog } from './open-catalog.ts';
import { isoText } from './timestamps.ts';

export interface AuditEvent {
  /** Who: an operating-system account, a Temporal identity. */
  readonly actor: string;
  /** What, as `subject.verb`, for example `cutover.approve`. */
  readonly action: string;
  /** On what, with its kind, for example `migration shop`. */
  readonly object: string;
  readonly runId?: string;
  /** Statements, hashes, measurements. Never a secret. */
  readonly detail?: unknown;
  readonly result: 'done' | 'refused' | 'failed';
}

/** Adds one event to the end of the chain and gives the row as it was kept. */
export function appendAudit(catalog: Catalog, event: AuditEvent): Promise<AuditRow> {
  return catalog.sessions.transaction(async (session) => {
    // Whoever holds this row lock is the only writer until the transaction ends.
    const head = await session.row<{ seq: number; hash: string; now: string }>(`SELECT seq, hash, ${isoText('clock_timestamp()')} AS now FROM pgconvoy.audit_head FOR UPDATE`);
    const { actor, action, object, result } = event;
    const content = { seq: head.seq + 1, at: head.now, actor, action, object, runId: event.runId ?? null, detail: toJson(event.detail ?? {}), result, previousHash: head.hash };
    const row: AuditRow = { ...content, hash: hashOf(content) };
    const insert = `
      INSERT INTO pgconvoy.audit (seq, at, actor, action, object, run_id, detail, result, previous_hash, hash)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;
    await session.execute(insert, [row.seq, row.at, actor, action, object, row.runId, JSON.stringify(row.detail), result, row.previousHash, row.hash]);
    await session.execute('UPDATE pgconvoy.audit_head SET seq = $1, hash = $2', [row.seq, row.hash]);
    return row;
  });
}
