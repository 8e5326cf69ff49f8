import { OperationError } from '../domain/errors.ts';

/** A file that the command line named cannot be written. */
export const couldNotWrite = (path: string, error: unknown): OperationError =>
  new OperationError('usage', `could not write file ${path}`, { detail: (error as Error).message, cause: error });
