import { OperationError, type ErrorCode } from '../domain/errors.ts';

/** The SQLSTATEs we tell apart by name. https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const SQLSTATE = {
  uniqueViolation: '23505',
  foreignKeyViolation: '23503',
  undefinedTable: '42P01',
  undefinedSchema: '3F000',
  undefinedObject: '42704',
  duplicateObject: '42710',
  duplicateTable: '42P07',
  duplicateDatabase: '42P04',
  objectInUse: '55006',
  dependentObjects: '2BP01',
  objectNotInPrerequisiteState: '55000',
  lockNotAvailable: '55P03',
  deadlockDetected: '40P01',
  queryCanceled: '57014',
  adminShutdown: '57P01',
  invalidParameterValue: '22023',
  insufficientPrivilege: '42501',
} as const;

const CODES: Readonly<Record<string, ErrorCode>> = {
  '28000': 'authentication_failed',
  '28P01': 'authentication_failed',
  '3D000': 'database_missing',
  '53100': 'disk_full',
  '53200': 'connection_lost',
  '53300': 'too_many_connections',
  '42501': 'privilege_missing',
  '40P01': 'lock_timeout',
  '40001': 'lock_timeout',
  '55P03': 'lock_timeout',
  '57P01': 'connection_lost',
  '57P02': 'connection_lost',
  '57P03': 'server_unreachable',
  '58030': 'disk_full',
};

/** Errors of the network, by Node's code. */
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EPIPE', 'EAI_AGAIN']);

/** What pg throws, as far as we look at it. */
export interface ServerError extends Error {
  readonly code?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly where?: string;
}

/** The SQLSTATE of an error, our own wrapping included; undefined when it did not come from a server. */
export function sqlstateOf(error: unknown): string | undefined {
  if (error instanceof OperationError) return sqlstateOf(error.cause);
  const code = (error as ServerError | undefined)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !NETWORK.has(code) && code !== 'EPIPE' ? code : undefined;
}

/** The condition behind a database error, by SQLSTATE or by the network's code, never by its text. */
export function classify(error: unknown): ErrorCode {
  const code = (error as ServerError | undefined)?.code;
  if (code === undefined) return 'connection_lost'; // pg ends a cut connection with a bare Error
  if (NETWORK.has(code)) return 'connection_lost';
  if (code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || TLS_CODES.has(code)) return 'tls_failed';
  if (code.startsWith('08')) return 'connection_lost';
  return CODES[code] ?? 'query_failed';
}

/** OpenSSL's verdicts on a certificate, as Node reports them. */
const TLS_CODES = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_SIGNATURE_FAILURE',
]);

/** A database error as ours, saying what was attempted on which server. `rejected` is what a statement that the server refuses means there. */
export function toOperationError(error: unknown, attempt: string, rejected: ErrorCode = 'query_failed'): OperationError {
  if (error instanceof OperationError) return error;
  const { message, detail, hint, code, where } = error as ServerError;
  const reason = [message, detail].filter(Boolean).join('. ');
  const condition = classify(error);
  return new OperationError(condition === 'query_failed' ? rejected : condition, `could not ${attempt}`, {
    detail: reason,
    hint,
    context: { ...(code === undefined ? {} : { sqlstate: code }), ...(where === undefined ? {} : { where: where.slice(0, 300) }) },
    cause: error,
  });
}
