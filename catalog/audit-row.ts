import { createHash } from 'node:crypto';

import { canonicalJson, type Json } from '../domain/canonical-json.ts';
import { isoText } from './timestamps.ts';

/** One event as it is kept, exported and hashed. */
export interface AuditRow {
  /** 1, 2, 3, … without a gap. */
  readonly seq: number;
  readonly eventId: string;
  /** ISO 8601, UTC, by the catalog's clock. */
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly runId: string | null;
  readonly detail: Json;
  readonly result: string;
  /** The hash of row `seq - 1`; 64 zeros in the first row. */
  readonly previousHash: string;
  readonly hash: string;
}

/** What the first row follows; `audit_head` of an empty audit. */
export const FIRST_LINK = { seq: 0, hash: '0'.repeat(64) } as const;

export const AUDIT_COLUMNS = `seq, event_id AS "eventId", ${isoText('at')} AS at, actor, action, object, run_id AS "runId", detail, result, previous_hash AS "previousHash", hash`;

/**
 * SHA-256 (hex) over the row's canonical JSON without `hash` itself. Anyone can repeat it on a line of the export:
 * `jq -jcS 'del(.hash)' | sha256sum`.
 */
export function hashOf(row: Omit<AuditRow, 'hash'>): string {
  const { seq, eventId, at, actor, action, object, runId, detail, result, previousHash } = row;
  const text = canonicalJson({ seq, eventId, at, actor, action, object, runId, detail, result, previousHash });
  return createHash('sha256').update(text).digest('hex');
}
