/** Bytes that a window may copy for each millisecond of its budget: half of the time at 10 MB a second, a slow server's rate. */
const BYTES_PER_MS = 5_000;

/** The most that tables outside the log may have together, so that the window can copy them anew. */
export const recopyLimit = (budgetMs: number): number => budgetMs * BYTES_PER_MS;

/** Tables that nothing was followed of, when all of them fit into the window; otherwise none. */
export function tablesToRecopy<T extends { readonly publish: string; readonly bytes: number }>(tables: readonly T[], budgetMs: number): T[] {
  const left = tables.filter(({ publish }) => publish === 'none');
  return left.reduce((sum, { bytes }) => sum + bytes, 0) <= recopyLimit(budgetMs) ? left : [];
}
