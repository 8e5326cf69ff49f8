/** Files of pg_wal by name: 8 digits of timeline, 16 of position. */
import { lsnToBytes, parseLsn, type Lsn } from '../lsn.ts';

const SEGMENT = /^[0-9A-F]{24}$/;
const FOUR_GIB = 1n << 32n;

export interface Segment {
  readonly name: string;
  readonly timeline: number;
  /** Its first position. */
  readonly beginLsn: Lsn;
}

/** Undefined for what is no segment: histories, partial ones, folders. */
export function segmentNamed(name: string, segmentBytes: number): Segment | undefined {
  if (!SEGMENT.test(name)) return undefined;
  const number = BigInt(`0x${name.slice(8, 16)}`) * (FOUR_GIB / BigInt(segmentBytes)) + BigInt(`0x${name.slice(16)}`);
  return { name, timeline: Number.parseInt(name.slice(0, 8), 16), beginLsn: lsnOf(number * BigInt(segmentBytes)) };
}

/** Whether a segment has a position in it. */
export function holds({ beginLsn }: Segment, lsn: Lsn, segmentBytes: number): boolean {
  const offset = lsnToBytes(lsn) - lsnToBytes(beginLsn);
  return offset >= 0n && offset < BigInt(segmentBytes);
}

/** Name of the segment that has a position. */
export function segmentNameOf(timeline: number, lsn: Lsn, segmentBytes: number): string {
  const number = lsnToBytes(lsn) / BigInt(segmentBytes);
  const each = FOUR_GIB / BigInt(segmentBytes);
  return [BigInt(timeline), number / each, number % each].map((part) => part.toString(16).toUpperCase().padStart(8, '0')).join('');
}

export const lsnOf = (bytes: bigint): Lsn => parseLsn(`${(bytes / FOUR_GIB).toString(16)}/${(bytes % FOUR_GIB).toString(16)}`);

export const historyNameOf = (timeline: number): string => `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;

const PAGE = 8192n;
/** Of the first page of a segment, and of every other. */
const HEADERS = [40n, 24n];

/**
 * Where valid log ends, from what pg_waldump says when it comes to the end: `error in WAL record at 0/3000148: invalid record length at 0/3000180: …`.
 * The first position is where the last valid record begins, the others are of what is not valid any more; without another one the end lies past the
 * beginning of that record, which is all that is known. Undefined when it names no position.
 */
export function endOfLogIn(message: string): Lsn | undefined {
  const [record, ...rest] = [...message.matchAll(/(?:\bat|LSN) ([0-9A-F]{1,8}\/[0-9A-F]{1,8})/g)].map(([, text]) => lsnToBytes(parseLsn(text!)));
  if (record === undefined) return undefined;
  const last = rest.reduce((best, lsn) => (lsn > best ? lsn : best), record);
  if (last === record) return lsnOf(record + 1n);
  // A record begins behind the header of its page; the one before it ended in front of that.
  return lsnOf(HEADERS.includes(last % PAGE) ? last - (last % PAGE) : last);
}
