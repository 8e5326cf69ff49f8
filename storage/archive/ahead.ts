/**
 * Results in the order of what they come from, with several under way at once. A failure is thrown as soon as it happens,
 * also while the source gives nothing; what is under way then is waited for, so that nothing goes on behind the error.
 */
export async function* ahead<Item, Result>(source: AsyncIterable<Item>, limit: number, work: (item: Item, index: number) => Promise<Result>): AsyncGenerator<Result> {
  const items = source[Symbol.asyncIterator]();
  const underWay: Promise<Result>[] = [];
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  let drained = false;
  try {
    for (let index = 0; ; index += 1) {
      const next = await Promise.race([items.next(), failure.promise]);
      if (next.done === true) break;
      const result = work(next.value, index);
      result.catch(failure.reject);
      underWay.push(result);
      if (underWay.length >= limit) yield await (underWay.shift() as Promise<Result>);
    }
    drained = true;
    while (underWay.length > 0) yield await (underWay.shift() as Promise<Result>);
  } finally {
    // Not awaited: a source that waits for its next item answers only when it has one.
    if (!drained) void items.return?.().catch(() => undefined);
    await Promise.allSettled(underWay);
  }
}
