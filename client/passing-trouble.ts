import { isGrpcServiceError } from '@temporalio/client';

import { OperationError } from '../domain/errors.ts';

/** Codes of gRPC that pass by themselves. https://grpc.io/docs/guides/status-codes/ */
const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;

const SENTENCES: Readonly<Record<number, string>> = {
  [UNAVAILABLE]: 'The Temporal server does not answer.',
  [RESOURCE_EXHAUSTED]: 'The Temporal server is busy.',
  // A question about a run is answered by a worker: without one, Temporal refuses it, or it waits in vain.
  [DEADLINE_EXCEEDED]: 'No worker answers.',
  [FAILED_PRECONDITION]: 'No worker takes work.',
};

/** What is the matter, when an error of the client passes once Temporal or a worker is back; undefined for any other error. */
export function passingTrouble(error: unknown): string | undefined {
  if (error instanceof OperationError) return error.code === 'temporal_unreachable' ? 'The Temporal server does not answer.' : undefined;
  const code = grpcCode(error) ?? grpcCode((error as { cause?: unknown } | undefined)?.cause);
  return code === undefined ? undefined : SENTENCES[code];
}

const grpcCode = (error: unknown): number | undefined => (isGrpcServiceError(error) ? error.code : undefined);

/** The same trouble as an error that says what helps, for those who do not wait for it to pass. */
export function asAnswerable(error: unknown, subject: string): unknown {
  const trouble = error instanceof OperationError ? undefined : passingTrouble(error);
  if (trouble === undefined) return error;
  return new OperationError('temporal_unreachable', `${subject} cannot be asked`, { detail: trouble, hint: 'Run `pgconvoy status`; `pgconvoy up` or `pgconvoy worker` starts what is missing.', cause: error });
}
