import { OperationError } from '../domain/errors.ts';

/** A file that the command line named cannot be written. */
export const couldNotWrite = (path: string, error: unknown): OperationError =>
  new OperationError('usage', `could not write file ${path}`, (error as NodeJS.ErrnoException).code === 'EEXIST' ? { detail: 'It is there already, and is not replaced.', hint: 'Choose another name.', cause: error } : { detail: (error as Error).message, cause: error });
