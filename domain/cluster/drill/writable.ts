/** Exactly one writable node per epoch, seen from outside: from who served the writes that were acknowledged. */
import type { WriteAttempt } from './ledger.ts';

export interface WritableVerdict {
  /** The most nodes that served one timeline. 1 is right; 0 when nothing was acknowledged. */
  readonly writableNodesMax: number;
  /** Writes that an earlier timeline acknowledged although they were sent after a later one had acknowledged: two nodes served at once. */
  readonly afterTheEnd: readonly { readonly writer: string; readonly seq: number; readonly node: string; readonly timeline: number }[];
  readonly exactlyOne: boolean;
}

export function judgeWritable(attempts: readonly WriteAttempt[]): WritableVerdict {
  const served = attempts.flatMap(({ writer, seq, sentMs, settledMs, outcome, servedBy }) => (outcome === 'acked' && servedBy !== null && settledMs !== null ? [{ writer, seq, sentMs, settledMs, ...servedBy }] : []));
  const nodes = [...Map.groupBy(served, ({ timeline }) => timeline).values()].map((writes) => new Set(writes.map(({ node }) => node)).size);
  const begins = [...Map.groupBy(served, ({ timeline }) => timeline)].map(([timeline, writes]) => ({ timeline, firstMs: writes.reduce((first, { settledMs }) => Math.min(first, settledMs), Infinity) }));
  const late = served.filter((write) => begins.some(({ timeline, firstMs }) => timeline > write.timeline && write.sentMs > firstMs));
  // Two forks of one number are two nodes on one timeline, and are counted as that (HA15).
  const writableNodesMax = Math.max(0, ...nodes) + (late.length > 0 && Math.max(0, ...nodes) === 1 ? 1 : 0);
  return { writableNodesMax, afterTheEnd: late.map(({ writer, seq, node, timeline }) => ({ writer, seq, node, timeline })), exactlyOne: writableNodesMax === 1 };
}
