import { OperationError } from '../../domain/errors.ts';

/** What an object of a backup is, and what it should be. */
export interface Damage {
  readonly backupId: string;
  /** Its full name in the store. */
  readonly object: string;
  /** A full sentence. */
  readonly what: string;
  readonly expected?: string | number;
  readonly actual?: string | number;
}

export function damaged({ backupId, object, what, expected, actual }: Damage): OperationError {
  const compared = expected === undefined ? '' : ` Expected ${expected}, found ${actual ?? 'nothing'}.`;
  return new OperationError('backup_damaged', `object ${object} of backup ${backupId} is damaged`, {
    detail: what + compared,
    context: { backupId, object, ...(expected === undefined ? {} : { expected }), ...(actual === undefined ? {} : { actual }) },
  });
}
