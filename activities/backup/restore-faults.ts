import { OperationError, type ErrorCode } from '../../domain/errors.ts';
import { sqlstateOf } from '../../postgres/sqlstate.ts';

/** What is said by the content of a backup, and would be said again by any server. */
const BY_CONTENT: readonly ErrorCode[] = ['backup_damaged', 'object_missing', 'copy_failed', 'query_failed', 'schema_failed'];
/** Classes of SQLSTATE that tell of the server and not of what it was given: resources, operators, system, settings (B63). */
const OF_THE_SERVER = ['53', '54', '55', '57', '58', 'F0', 'XX'];

/** Of those, what says that the store does not have what was written. */
const OF_THE_STORE: readonly ErrorCode[] = ['backup_damaged', 'object_missing'];

export interface Refusal {
  readonly reason: string;
  /** Whether what is stored is at fault, and not what the server thinks of it. */
  readonly damage: boolean;
}

/**
 * The reason, when an error is a verdict on what was restored; anything else, which another attempt may not meet, is thrown on.
 * By code and SQLSTATE alone.
 */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof OperationError) || !BY_CONTENT.includes(error.code)) throw error;
  const state = sqlstateOf(error);
  if (state !== undefined && OF_THE_SERVER.includes(state.slice(0, 2))) throw error;
  return { reason: [error.message, error.detail].filter(Boolean).join(': '), damage: OF_THE_STORE.includes(error.code) };
}
