import type { RuleResult } from '../citation.ts';
import { ageMs, type Reading } from '../reading.ts';

/** No automatic failover for a while. It has an owner and an end; one without is not taken (HA52). */
export interface Pause {
  readonly by: string;
  readonly reason: string;
  readonly at: Reading;
  readonly forMs: number;
}

/** Paused until the time is over; one whose age nobody can tell is still in force. */
export function isPaused(pause: Pause | null, now: Reading): boolean {
  if (pause === null) return false;
  const age = ageMs(pause.at, now);
  return age === undefined || age < pause.forMs;
}

export function describePause({ by, reason, at, forMs }: Pause, now: Reading): string {
  const age = ageMs(at, now);
  const left = age === undefined ? 'until somebody resumes it' : `for another ${Math.ceil((forMs - age) / 1000)} s`;
  return `Paused by ${by} (${reason}), ${left}.`;
}

/** What is wrong with an order to pause; empty when it may be taken. */
export function lintPause({ by, forMs }: Pick<Pause, 'by' | 'forMs'>, longestMs: number): readonly RuleResult[] {
  const found: RuleResult[] = [];
  if (by.trim() === '') found.push({ rule: 'pause-without-owner', by: ['HA52'], reason: 'A pause needs an owner.' });
  if (!(forMs > 0 && forMs <= longestMs)) found.push({ rule: 'pause-without-end', by: ['HA52'], reason: `A pause ends after at most ${longestMs / 1000} s; ${forMs / 1000} s were asked for.` });
  return found;
}
