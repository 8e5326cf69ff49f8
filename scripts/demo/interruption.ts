import { OperationError } from '../../domain/errors.ts';

/** Turns Ctrl-C, SIGTERM and SIGHUP into an abort, once; more of them do not disturb the tidying up. Error: `interrupted`. */
export function listenForInterruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => controller.abort(new OperationError('interrupted', `the demo was interrupted by ${signal}`)));
  }
  return controller.signal;
}

/** The result of `work`, unless the signal comes first; then `work` is left to fail alone when its servers go. */
export function untilInterrupted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', onAbort));
}
