import { hasReached, lsnToBytes, parseLsn, type Lsn } from '../lsn.ts';

/** The end of one timeline: the next one begins at this position. */
export interface HistoryEntry {
  readonly timeline: number;
  readonly endLsn: Lsn;
}

/** The timelines that led to `timeline`, oldest first, as its `.history` file has them. Timeline 1 has none. */
export interface TimelineHistory {
  readonly timeline: number;
  readonly ancestors: readonly HistoryEntry[];
}

/**
 * Takes the text of `0000000N.history`: lines of parent timeline, switch point and reason; `#` begins a comment. What the server would not read is a
 * RangeError. https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES
 */
export function parseHistory(timeline: number, content: string): TimelineHistory {
  const lines = content.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  const ancestors = lines.map((line) => {
    const [parent = '', position = ''] = line.split(/\s+/);
    if (!/^\d+$/.test(parent)) throw new RangeError(`not a line of a timeline history: ${line}`);
    return { timeline: Number(parent), endLsn: parseLsn(position) };
  });
  const increasing = ancestors.every((entry, index) => entry.timeline < (ancestors[index + 1]?.timeline ?? timeline));
  if (!increasing) throw new RangeError(`the history of timeline ${timeline} does not increase`);
  return { timeline, ancestors };
}

const samePoint = (left: Lsn, right: Lsn): boolean => lsnToBytes(left) === lsnToBytes(right);

/** Entry by entry: two promotions that chose the same number are told apart by where they forked, never by the number (HA15). */
export const sameHistory = (left: TimelineHistory, right: TimelineHistory): boolean =>
  left.timeline === right.timeline && left.ancestors.length === right.ancestors.length && left.ancestors.every((entry, index) => sameEntry(entry, right.ancestors[index]));

const sameEntry = (left: HistoryEntry, right: HistoryEntry | undefined): boolean => right !== undefined && left.timeline === right.timeline && samePoint(left.endLsn, right.endLsn);

/** Where two lines part: the last timeline both are on, and up to where both have it; null: they share nothing, or are one line (`forkLsn` null). */
export interface CommonAncestor {
  readonly timeline: number;
  /** Null while neither has left the timeline. */
  readonly forkLsn: Lsn | null;
}

/** The last common point of two histories, as pg_rewind looks for it; undefined when not even the first timeline is shared. */
export function commonAncestor(left: TimelineHistory, right: TimelineHistory): CommonAncestor | undefined {
  const leftLine = lineOf(left);
  const rightLine = lineOf(right);
  let found: CommonAncestor | undefined;
  for (const [index, here] of leftLine.entries()) {
    const there = rightLine[index];
    if (there === undefined || here.timeline !== there.timeline || !sameBegin(here.beginLsn, there.beginLsn)) break;
    found = { timeline: here.timeline, forkLsn: earlier(here.endLsn, there.endLsn) };
  }
  return found;
}

interface Stretch {
  readonly timeline: number;
  readonly beginLsn: Lsn | null;
  readonly endLsn: Lsn | null;
}

const lineOf = ({ timeline, ancestors }: TimelineHistory): Stretch[] =>
  [...ancestors, { timeline, endLsn: null }].map((entry, index) => ({ ...entry, beginLsn: ancestors[index - 1]?.endLsn ?? null }));

const sameBegin = (left: Lsn | null, right: Lsn | null): boolean => (left === null || right === null ? left === right : samePoint(left, right));

function earlier(left: Lsn | null, right: Lsn | null): Lsn | null {
  if (left === null || right === null) return left ?? right;
  return hasReached(left, right) ? right : left;
}

/** Whether a position on the line of `here` is also on the line of `there`: the two have not parted before it. */
export function isOnLine(here: TimelineHistory, lsn: Lsn, there: TimelineHistory): boolean {
  const common = commonAncestor(here, there);
  return common !== undefined && (common.forkLsn === null || hasReached(common.forkLsn, lsn));
}
