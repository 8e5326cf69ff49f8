import { OperationError } from '../../domain/errors.ts';

/** What a source gives, until the signal comes: then `interrupted` at once, also while the source says nothing at all. */
export async function* untilAborted<Item>(source: AsyncIterable<Item>, signal: AbortSignal, name: string): AsyncGenerator<Item> {
  const items = source[Symbol.asyncIterator]();
  const stop = Promise.withResolvers<never>();
  stop.promise.catch(() => undefined);
  const onAbort = (): void => stop.reject(new OperationError('interrupted', `the work on file ${name} was stopped`));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  let ended = false;
  try {
    for (;;) {
      const next = await Promise.race([stop.promise, items.next()]);
      if (next.done === true) break;
      yield next.value;
    }
    ended = true;
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (!ended) void items.return?.().catch(() => undefined);
  }
}
