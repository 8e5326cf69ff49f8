import { lsnToBytes, parseLsn, type Lsn } from './lsn.ts';

export interface WalLayout {
  /** `wal_block_size`, in bytes. */
  readonly pageBytes: number;
  /** `wal_segment_size`, in bytes. */
  readonly segmentBytes: number;
}

/** Of a page, and of the first page of a segment. access/xlog_internal.h: SizeOfXLogShortPHD, SizeOfXLogLongPHD. */
const SHORT_HEADER = 24;
const LONG_HEADER = 40;
/** Records begin on eight bytes. */
const ALIGNMENT = 8;

/** Where the record that begins at `lsn` ends: its bytes go on behind the header of every page that it reaches into. */
export function endOfRecord(lsn: Lsn, recordBytes: number, { pageBytes, segmentBytes }: WalLayout): Lsn {
  let at = lsnToBytes(lsn);
  for (let left = recordBytes; left > 0; ) {
    if (at % BigInt(pageBytes) === 0n) at += BigInt(at % BigInt(segmentBytes) === 0n ? LONG_HEADER : SHORT_HEADER);
    const room = pageBytes - Number(at % BigInt(pageBytes));
    const part = Math.min(room, left);
    at += BigInt(part);
    left -= part;
  }
  const end = (at + BigInt(ALIGNMENT - 1)) & ~BigInt(ALIGNMENT - 1);
  return lsnOf(end);
}

/** Which file of pg_wal holds a position, and where in it. */
export function placeOf(lsn: Lsn, timeline: number, { segmentBytes }: WalLayout): { readonly file: string; readonly offset: number } {
  const segment = lsnToBytes(lsn) / BigInt(segmentBytes);
  const perHigh = 0x1_0000_0000n / BigInt(segmentBytes);
  const eight = (value: bigint): string => value.toString(16).toUpperCase().padStart(8, '0');
  return { file: `${eight(BigInt(timeline))}${eight(segment / perHigh)}${eight(segment % perHigh)}`, offset: Number(lsnToBytes(lsn) % BigInt(segmentBytes)) };
}

const lsnOf = (bytes: bigint): Lsn => parseLsn(`${(bytes >> 32n).toString(16)}/${(bytes & 0xffff_ffffn).toString(16)}`);
