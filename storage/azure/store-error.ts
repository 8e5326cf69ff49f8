import { RestError } from '@azure/storage-blob';

import { OperationError } from '../../domain/errors.ts';
import { objectExists, objectMissing } from '../object-store.ts';

/** https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes */
const PASSING_STATUS: readonly number[] = [408, 429, 500, 502, 503, 504];
/** What Node says of a connection; a body that ends too early is one of them. */
const BROKEN_CONNECTION: readonly string[] = ['ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ERR_STREAM_PREMATURE_CLOSE'];

const codeOf = (error: unknown): string | undefined => (error as { readonly code?: string } | null)?.code;
/** The SDK says `AbortError` too when a body ends too early; that we stopped it ourselves is looked at before. */
const isBroken = (error: unknown): boolean => BROKEN_CONNECTION.includes(codeOf(error) ?? '') || (error as Error | null)?.name === 'AbortError';

/** Whether the same request may go well a moment later. A `RestError` without status had no answer, or half of one. */
export const isPassing = (error: unknown): boolean =>
  error instanceof RestError ? error.statusCode === undefined || PASSING_STATUS.includes(error.statusCode) : isBroken(error);

/** Whether a request to create something met what is there already. */
export const isConflict = (error: unknown): boolean =>
  error instanceof RestError && (error.statusCode === 409 || error.statusCode === 412) && (error.code === 'BlobAlreadyExists' || error.code === 'ConditionNotMet');

const statusOf = (error: unknown): number | undefined => (error instanceof RestError ? error.statusCode : undefined);
export const isStatus = (error: unknown, status: number): boolean => statusOf(error) === status;
export const isMissing = (error: unknown): boolean => isStatus(error, 404);

/** What the service asks us to wait, in milliseconds. https://www.rfc-editor.org/rfc/rfc9110#name-retry-after */
export function askedMs(error: unknown): number | undefined {
  const asked = error instanceof RestError ? error.response?.headers.get('retry-after') : undefined;
  if (asked === undefined) return undefined;
  const milliseconds = /^\d+$/.test(asked) ? Number(asked) * 1000 : Date.parse(asked) - Date.now();
  return Number.isFinite(milliseconds) ? Math.max(milliseconds, 0) : undefined;
}

/** By status alone, and without the request, whose address may carry a token. */
export function asStoreError(error: unknown, name: string): unknown {
  if (!(error instanceof RestError)) return isBroken(error) ? failed(name, 'The connection broke.') : error;
  if (isConflict(error)) return objectExists(name);
  const { statusCode, code } = error;
  if (statusCode === undefined) return failed(name, `The store does not answer (${code ?? 'no code'}).`);
  const detail = `The store answered ${statusCode}${code === undefined ? '' : ` ${code}`}.`;
  if (statusCode === 404 && code !== 'ContainerNotFound') return objectMissing(name);
  if (statusCode === 401 || statusCode === 403) return new OperationError('store_refused', `the store refused object ${name}`, { detail });
  if (code?.startsWith('BlobImmutable') === true) return new OperationError('store_refused', `the store does not let object ${name} be changed`, { detail, hint: 'Look at the immutability policy and the legal holds of the container.' });
  // Only an order of a person, and hours of the service, bring it back: to try again is of no use.
  if (code === 'BlobArchived') return new OperationError('store_refused', `object ${name} is in the archive tier and cannot be read`, { detail, hint: 'Move it to a tier that can be read (`az storage blob set-tier --tier Cool`), which takes hours; then try again.' });
  return failed(name, detail);
}

export const interrupted = (name: string): OperationError => new OperationError('interrupted', `the work on object ${name} was stopped`);
export const failed = (name: string, detail: string): OperationError => new OperationError('store_failed', `the store failed with object ${name}`, { detail });
