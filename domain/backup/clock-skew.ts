export interface ClockReading {
  /** Of the worker's clock, just before and just after the question, in milliseconds since 1970. */
  readonly before: number;
  readonly after: number;
  /** The server's answer, by its clock. */
  readonly server: number;
}

/** Names, ages and schedules rest on clocks: beyond this they would tell tales (B62). */
export const SKEW_LIMIT_MS = 60_000;

/** By how much the server's clock is ahead of ours, at least; 0 when the time that the question took explains it. */
export function clockSkewMs({ before, after, server }: ClockReading): number {
  if (server > after) return server - after;
  return server < before ? server - before : 0;
}
