import type { PathFacts } from '../facts.ts';

/** What a copy moves per second where the way to a server could not be measured; published runs of peers lie around it. */
const ASSUMED_BYTES_PER_SECOND = 50e6;

/**
 * Seconds a copy of so many bytes takes, by the narrower of the two ways. A lower bound: the target's CPU and disk,
 * which nobody can measure without writing, may be slower.
 */
export function estimateCopySeconds({ source, target }: PathFacts, bytes: number): number {
  const measured = [source, target].flatMap((link) => ('ok' in link ? [link.ok.bytesPerSecond] : []));
  return bytes / Math.min(ASSUMED_BYTES_PER_SECOND, ...measured);
}
