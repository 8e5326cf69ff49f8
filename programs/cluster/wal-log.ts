import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { endOfLogIn, historyNameOf, lsnOf, type Segment, segmentNamed } from '../../domain/cluster/segment.ts';
import { parseHistory, type TimelineHistory } from '../../domain/cluster/timeline.ts';
import { OperationError } from '../../domain/errors.ts';
import { hasReached, lsnToBytes, parseLsn, type Lsn } from '../../domain/lsn.ts';
import type { PostgresCluster } from '../postgres-cluster.ts';
import { programPath } from '../postgres-installations.ts';
import { runProgram } from '../run-program.ts';

type Place = Pick<PostgresCluster, 'installation' | 'dataDir' | 'account'>;

/** A stretch of one timeline; without an end it goes on as far as there is log. */
export interface LogStretch {
  readonly timeline: number;
  readonly from: Lsn;
  readonly to?: Lsn;
}

/** The segments of pg_wal, oldest first; what is kept for later use has names of the future and is among them. */
export async function segmentsOf({ dataDir }: Pick<Place, 'dataDir'>, segmentBytes: number): Promise<Segment[]> {
  const found = (await readdir(join(dataDir, 'pg_wal'))).map((name) => segmentNamed(name, segmentBytes)).filter((segment) => segment !== undefined);
  return found.toSorted((left, right) => Number(lsnToBytes(left.beginLsn) - lsnToBytes(right.beginLsn)));
}

/** From the file of a data directory; timeline 1 has none. Throws what reading gives, and RangeError. */
export async function historyOf({ dataDir }: Pick<Place, 'dataDir'>, timeline: number): Promise<TimelineHistory> {
  if (timeline === 1) return { timeline, ancestors: [] };
  return parseHistory(timeline, await readFile(join(dataDir, 'pg_wal', historyNameOf(timeline)), 'utf8'));
}

/** Where the valid log of a timeline ends, read from `from`; undefined when it cannot be read from there. */
export async function endOfLog(place: Place, stretch: LogStretch, segmentBytes: number): Promise<Lsn | undefined> {
  try {
    await dump(place, stretch, ['--quiet'], []);
  } catch (error) {
    if (!(error instanceof OperationError) || error.code !== 'program_failed') throw error;
    return endOfLogIn(error.detail ?? '') ?? (await endOfSegments(place, stretch, segmentBytes));
  }
  return undefined;
}

/** It names a segment that is missing: the log ends with the last one before. */
async function endOfSegments(place: Place, { timeline, from }: LogStretch, segmentBytes: number): Promise<Lsn | undefined> {
  const last = (await segmentsOf(place, segmentBytes)).filter((segment) => segment.timeline === timeline && hasReached(lsnOf(lsnToBytes(segment.beginLsn) + BigInt(segmentBytes)), from)).at(-1);
  return last === undefined ? undefined : lsnOf(lsnToBytes(last.beginLsn) + BigInt(segmentBytes));
}

/** Redo of the last checkpoint in a stretch; undefined when there is none in what can be read. */
export async function lastRedoIn(place: Place, stretch: LogStretch): Promise<Lsn | undefined> {
  const { stdout } = await dump(place, stretch, ['--rmgr=XLOG'], [1]);
  const redos = [...stdout.matchAll(/desc: CHECKPOINT_(?:ONLINE|SHUTDOWN) redo ([0-9A-F]+\/[0-9A-F]+)/g)];
  const last = redos.at(-1)?.[1];
  return last === undefined ? undefined : parseLsn(last);
}

/** One line for each transaction that a stretch commits, as pg_waldump prints it. */
export async function commitsIn(place: Place, stretch: LogStretch): Promise<string[]> {
  const { stdout } = await dump(place, stretch, ['--rmgr=Transaction'], [1]);
  return stdout.split('\n').filter((line) => line.includes('desc: COMMIT'));
}

/** Its exit code 1 at the end of the log is an answer where `answers` says so. */
const dump = ({ installation, dataDir, account }: Place, { timeline, from, to }: LogStretch, options: readonly string[], answers: readonly number[]) =>
  runProgram({
    program: programPath(installation, 'pg_waldump'),
    args: [`--path=${join(dataDir, 'pg_wal')}`, `--timeline=${timeline}`, `--start=${from}`, ...(to === undefined ? [] : [`--end=${to}`]), ...options],
    env: { LC_ALL: 'C' },
    account,
    answers,
  });
