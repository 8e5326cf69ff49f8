/** The longest time without success, per writer or reader, and over all of them (H6). Only an outside clock measures what an application felt (R29). */
export interface Success {
  readonly who: string;
  readonly ms: number;
}

export interface Gaps {
  /** The longest of each, from one success to the next, or to the end of the probe when none came. */
  readonly longestMs: Readonly<Record<string, number>>;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  /** From the last success of anybody to the next of anybody. */
  readonly overallMs: number;
}

/** `who` names all that took part, so that one without a single success has the whole time for its gap. */
export function measureGaps(who: readonly string[], successes: readonly Success[], span: { readonly fromMs: number; readonly toMs: number }): Gaps {
  const timesOf = Map.groupBy(successes, (success) => success.who);
  const longest = who.map((one) => [one, longestGap((timesOf.get(one) ?? []).map(({ ms }) => ms), span)] as const);
  const sorted = longest.map(([, ms]) => ms).toSorted((left, right) => left - right);
  return { longestMs: Object.fromEntries(longest), p50: percentile(sorted, 50), p95: percentile(sorted, 95), max: percentile(sorted, 100), overallMs: longestGap(successes.map(({ ms }) => ms), span) };
}

function longestGap(times: readonly number[], { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): number {
  const points = [fromMs, ...times.toSorted((left, right) => left - right), toMs];
  return points.reduce((longest, ms, index) => Math.max(longest, ms - (points[index - 1] ?? ms)), 0);
}

/** Nearest rank; 0 of nothing. */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}
