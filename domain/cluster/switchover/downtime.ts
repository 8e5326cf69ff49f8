/**
 * How long applications will not be able to write, foretold from facts before anybody consents (C2). The constants were measured on PostgreSQL 15 with
 * local nodes; what the facts add is what stretched the window in the field.
 */
import { lsnDistance } from '../../lsn.ts';
import { settingNumber } from '../../preflight/server-facts.ts';
import type { Citation } from '../citation.ts';
import { positionOf } from '../position.ts';
import { serverFact } from './check.ts';
import type { SwitchoverFacts } from './facts.ts';

export interface DowntimePart {
  readonly part: 'drain' | 'stop' | 'replay' | 'promote' | 'route';
  readonly ms: number;
  readonly by: readonly Citation[];
}

/** `null` where facts are missing: a guess is worse than none. */
export interface Downtime {
  readonly expectedMs: number | null;
  readonly parts: readonly DowntimePart[];
}

/** A fast stop of a primary that was checkpointed just before. */
const STOP_MS = 50;
/** 200 MB of dirty buffers took 100 ms more. */
const DIRTY_BYTES_PER_MS = 2 * 2 ** 20;
/** What a standby of usual hardware replays; 40 MB/s (R12). */
const REPLAY_BYTES_PER_MS = 40 * 2 ** 20 / 1000;
/** Promotion without waiting, asked every 2 ms whether it is done. */
const PROMOTE_MS = 20;
/** A promotion asks restore_command for about so many files; from 14 on it is put aside for the window. */
const RESTORE_CALLS = 5;
const RESTORE_IS_RELOADABLE = 14;

export function predictDowntime(facts: SwitchoverFacts): Downtime {
  const { load, routeSwitchMs, restoreCommandMs, limits } = facts;
  const primary = serverFact(facts.primary.report, facts);
  const candidate = serverFact(facts.candidate.report, facts);
  if ('failed' in load || 'failed' in routeSwitchMs || 'failed' in restoreCommandMs || 'failed' in primary || 'failed' in candidate) return { expectedMs: null, parts: [] };
  const position = candidate.ok.replayLsn ?? positionOf(candidate.ok);
  const unreplayed = position === null || primary.ok.writeLsn === null ? 0 : lsnDistance(position, primary.ok.writeLsn);
  const stuck = primary.ok.senders.some(({ replyAgeMs }) => replyAgeMs === null || replyAgeMs > limits.senderSilenceMs);
  const restoreMs = candidate.ok.major >= RESTORE_IS_RELOADABLE ? 0 : RESTORE_CALLS * (restoreCommandMs.ok ?? 0);
  const parts: DowntimePart[] = [
    { part: 'drain', ms: Math.min(load.ok.oldestTransactionMs, limits.drainMs), by: ['C4', 'HA47'] },
    { part: 'stop', ms: STOP_MS + load.ok.dirtyBytes / DIRTY_BYTES_PER_MS + (stuck ? (settingNumber(primary.ok.settings, 'wal_sender_timeout') ?? 0) : 0), by: ['C5', 'HA23'] },
    { part: 'replay', ms: unreplayed / REPLAY_BYTES_PER_MS, by: ['R12'] },
    { part: 'promote', ms: PROMOTE_MS + restoreMs, by: ['C5'] },
    { part: 'route', ms: routeSwitchMs.ok ?? 0, by: ['C5', 'R61'] },
  ];
  const rounded = parts.map((part) => ({ ...part, ms: Math.round(part.ms) }));
  return { expectedMs: rounded.reduce((sum, { ms }) => sum + ms, 0), parts: rounded };
}
