import { randomUUID } from 'node:crypto';

import { toJson } from '../domain/canonical-json.ts';
import type { Session } from '../postgres/connection.ts';
import { AUDIT_COLUMNS, hashOf, type AuditRow } from './audit-row.ts';
import type { Catalog } from './open-catalog.ts';
import { isoText } from './timestamps.ts';

export interface AuditEvent {
  /** The same event under the same id is kept once, so that a step which is repeated does not tell it twice. Default: a new id. */
  readonly eventId?: string;
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

/** Adds one event to the end of the chain and gives the row as it is kept. */
export function appendAudit(catalog: Catalog, event: AuditEvent): Promise<AuditRow> {
  return catalog.sessions.transaction(async (session) => {
    const head = await lockHead(session);
    const { eventId = randomUUID(), actor, action, object, runId = null, result } = event;
    const kept = await session.maybeRow<AuditRow>(`SELECT ${AUDIT_COLUMNS} FROM pgconvoy.audit WHERE event_id = $1`, [eventId]);
    if (kept !== undefined) return kept;
    const content = { seq: head.seq + 1, eventId, at: head.now, actor, action, object, runId, detail: toJson(event.detail ?? {}), result, previousHash: head.hash };
    const row: AuditRow = { ...content, hash: hashOf(content) };
    await insertRow(session, row);
    await session.execute('UPDATE pgconvoy.audit_head SET seq = $1, hash = $2', [row.seq, row.hash]);
    return row;
  });
}

/** The end of the chain. Whoever holds its row lock is the only writer until the transaction ends. */
const lockHead = (session: Session): Promise<{ seq: number; hash: string; now: string }> =>
  session.row(`SELECT seq, hash, ${isoText('clock_timestamp()')} AS now FROM pgconvoy.audit_head FOR UPDATE`);

async function insertRow(session: Session, row: AuditRow): Promise<void> {
  const sql = `
    INSERT INTO pgconvoy.audit (seq, event_id, at, actor, action, object, run_id, detail, result, previous_hash, hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`;
  const { seq, eventId, at, actor, action, object, runId, detail, result, previousHash, hash } = row;
  await session.execute(sql, [seq, eventId, at, actor, action, object, runId, JSON.stringify(detail), result, previousHash, hash]);
}
