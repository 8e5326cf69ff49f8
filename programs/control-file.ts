import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { parseLsn, type Lsn } from '../domain/lsn.ts';
import { endOfRecord, placeOf, type WalLayout } from '../domain/wal-record.ts';

/** `DBState` of catalog/pg_control.h, the same from 10 to 18. */
const STATES = ['starting up', 'shut down', 'shut down in recovery', 'shutting down', 'in crash recovery', 'in archive recovery', 'in production'] as const;

export interface ControlGlance {
  readonly state: (typeof STATES)[number];
  /** Of the latest checkpoint record: where it begins. */
  readonly checkpointLsn: Lsn;
}

/** pg_control of a server, held open to be read again and again: `pg_controldata` takes longer to start than a stop may take. */
export interface ControlFile extends Disposable {
  glance(): ControlGlance;
}

/** The two fields lie at the same place from 10 to 18, in the byte order of the machine: state at 16, checkPoint at 32. */
const STATE_AT = 16;
const CHECKPOINT_AT = 32;
const GLANCE_BYTES = 40;

export function openControlFile(dataDir: string): ControlFile {
  const file = openSync(join(dataDir, 'global', 'pg_control'), 'r');
  const buffer = Buffer.alloc(GLANCE_BYTES);
  return {
    glance: () => {
      // From the page cache: a few microseconds, and it lies within the 512 bytes that are written as one.
      readSync(file, buffer, 0, GLANCE_BYTES, 0);
      const state = STATES[buffer.readUInt32LE(STATE_AT)];
      if (state === undefined) throw new RangeError(`pg_control of ${dataDir} is in no known state`);
      return { state, checkpointLsn: lsnAt(buffer.readBigUInt64LE(CHECKPOINT_AT)) };
    },
    [Symbol.dispose]: () => closeSync(file),
  };
}

const lsnAt = (bytes: bigint): Lsn => parseLsn(`${(bytes >> 32n).toString(16)}/${(bytes & 0xffff_ffffn).toString(16)}`);

/** Where the record at `lsn` ends, from its length in the log of the server itself. */
export async function endOfRecordAt(dataDir: string, { lsn, timeline, layout }: { readonly lsn: Lsn; readonly timeline: number; readonly layout: WalLayout }): Promise<Lsn> {
  const { file, offset } = placeOf(lsn, timeline, layout);
  // xl_tot_len comes first, and never lies across two pages.
  const length = Buffer.alloc(4);
  await using segment = await open(join(dataDir, 'pg_wal', file), 'r');
  await segment.read(length, 0, length.length, offset);
  return endOfRecord(lsn, length.readUInt32LE(0), layout);
}
