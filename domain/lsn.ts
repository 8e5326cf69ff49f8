/** A position in the write-ahead log as Postgres prints it, for example `16/B374D848`. */
export type Lsn = string & { readonly __brand: 'Lsn' };

const FORM = /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i;

/** Takes the printed form; anything else is a RangeError. */
export function parseLsn(text: string): Lsn {
  if (!FORM.test(text)) throw new RangeError(`not a log sequence number: ${text}`);
  return text.toUpperCase() as Lsn;
}

/** The byte offset of a position; two differ by the bytes of log between them. */
export function lsnToBytes(lsn: Lsn): bigint {
  const [high, low] = lsn.split('/') as [string, string];
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** Bytes of log from `from` to `to`, never negative. Exact up to 8 PiB. */
export function lsnDistance(from: Lsn, to: Lsn): number {
  const distance = lsnToBytes(to) - lsnToBytes(from);
  return distance > 0n ? Number(distance) : 0;
}

/** Whether `lsn` is at or past `goal`. */
export const hasReached = (lsn: Lsn, goal: Lsn): boolean => lsnToBytes(lsn) >= lsnToBytes(goal);
