/**
 * The probe's record on disk: one line for each thing that happened, in the order it did, so that a probe that is killed leaves all it knew. Numbers are
 * milliseconds since the probe's first moment, on its own monotonic clock.
 */
import type { WriteAttempt, WriteOutcome } from './ledger.ts';

export interface ProbeHeader {
  readonly version: 1;
  /** Names the rows of this probe in the table. */
  readonly run: string;
  /** By the wall clock of the probe's machine, for people. */
  readonly startedAt: string;
  /** Where it dials: `host:port`. */
  readonly hosts: readonly string[];
  readonly writers: readonly string[];
  readonly readers: readonly string[];
  /** Writes per second, all writers together. */
  readonly rate: number;
}

export interface ReadAttempt {
  readonly reader: string;
  readonly sentMs: number;
  readonly settledMs: number;
  /** Null: answered; else the code of what went wrong. */
  readonly error: string | null;
}

export interface ProbeRecord {
  readonly header: ProbeHeader;
  readonly attempts: readonly WriteAttempt[];
  /** What went wrong with a write, by writer and number. */
  readonly errors: readonly { readonly writer: string; readonly seq: number; readonly ms: number; readonly outcome: WriteOutcome; readonly code: string }[];
  readonly reads: readonly ReadAttempt[];
  /** Dials that failed: no write was sent. */
  readonly dials: readonly { readonly who: string; readonly ms: number; readonly code: string }[];
  /** From the moment when all had a connection to the moment when they were told to stop, or the last line of one that was killed. */
  readonly span: { readonly fromMs: number; readonly toMs: number };
  readonly ended: boolean;
}

/** A line of the record, without its end. */
export type RecordLine =
  | readonly ['H', ProbeHeader]
  | readonly ['G' | 'E', number]
  | readonly ['S', string, number, number]
  | readonly ['A' | 'W', string, number, number, string, number]
  | readonly ['B' | 'R', string, number, number, string]
  | readonly ['r', string, number, number, string | null]
  | readonly ['D', string, number, string];

const OUTCOMES: Readonly<Record<'A' | 'W' | 'B' | 'R', WriteOutcome>> = { A: 'acked', W: 'warned', B: 'broken', R: 'refused' };

/** The letter of an outcome that has come. */
export const letterOf = (outcome: Exclude<WriteOutcome, 'pending'>): 'A' | 'W' | 'B' | 'R' => ({ acked: 'A', warned: 'W', broken: 'B', refused: 'R' })[outcome] as 'A';

/** Reads a record; a last line that is cut off is passed over. A text that is none is a RangeError. */
export function parseRecord(text: string): ProbeRecord {
  const lines = text.split('\n').slice(0, -1).map((line) => JSON.parse(line) as RecordLine);
  const [first, ...rest] = lines;
  if (first?.[0] !== 'H' || first[1].version !== 1) throw new RangeError('not the record of a probe');
  const attempts = new Map<string, WriteAttempt>();
  const [errors, reads, dials] = [[] as ProbeRecord['errors'][number][], [] as ReadAttempt[], [] as ProbeRecord['dials'][number][]];
  let [fromMs, toMs, ended, lastMs] = [0, 0, false, 0];
  const again: WriteAttempt[] = [];
  for (const line of rest) {
    lastMs = Math.max(lastMs, momentOf(line));
    switch (line[0]) {
      case 'G': fromMs = line[1]; break;
      case 'E': [toMs, ended] = [line[1], true]; break;
      case 'S': {
        const [, writer, seq, sentMs] = line;
        const known = attempts.get(`${writer} ${seq}`);
        if (known !== undefined) again.push(known);
        attempts.set(`${writer} ${seq}`, { writer, seq, sentMs, settledMs: null, outcome: 'pending', servedBy: null });
        break;
      }
      case 'A': case 'W': case 'B': case 'R': {
        const [letter, writer, seq, ms, text_] = line;
        const known = attempts.get(`${writer} ${seq}`);
        if (known !== undefined) attempts.set(`${writer} ${seq}`, { ...known, settledMs: ms, outcome: OUTCOMES[letter], servedBy: line.length === 6 ? { node: line[4], timeline: line[5] } : null });
        if (letter !== 'A') errors.push({ writer, seq, ms, outcome: OUTCOMES[letter], code: letter === 'W' ? 'warning' : text_ });
        break;
      }
      case 'r': reads.push({ reader: line[1], sentMs: line[2], settledMs: line[3], error: line[4] }); break;
      case 'D': dials.push({ who: line[1], ms: line[2], code: line[3] }); break;
      case 'H': throw new RangeError('two records in one file');
    }
  }
  return { header: first[1], attempts: [...attempts.values(), ...again], errors, reads, dials, span: { fromMs, toMs: ended ? toMs : lastMs }, ended };
}

/** When a line was written. */
function momentOf(line: RecordLine): number {
  switch (line[0]) {
    case 'H': return 0;
    case 'G': case 'E': return line[1];
    case 'D': return line[2];
    default: return line[3];
  }
}
