import type { ErrorReport } from '../errors.ts';
import type { Phase } from './gates.ts';
import { PHASES } from './gates.ts';

export const RUN_STATES = ['running', 'paused', 'waiting-for-approval', 'waiting-for-commit', 'parked', 'completed', 'aborting', 'aborted', 'failed'] as const;
export type MigrationState = (typeof RUN_STATES)[number];

export interface PhaseProgress {
  readonly phase: Phase;
  readonly state: 'waiting' | 'running' | 'done' | 'skipped' | 'failed';
  /** Milliseconds since the epoch. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly detail?: string;
}

export interface CopyProgress {
  readonly tables: number;
  readonly bytesTotal: number;
  readonly bytesDone: number;
  readonly rows: number;
  readonly tasksTotal: number;
  readonly tasksDone: number;
  /** What is being worked on. */
  readonly running: readonly string[];
  /** 1, and one more for every snapshot that was lost. */
  readonly generation: number;
}

export interface CutoverProgress {
  readonly attempt: number;
  /** Milliseconds from the fence to the switch, as the worker measured them. */
  readonly windowMs?: number;
  readonly steps: readonly { readonly step: string; readonly ms: number }[];
}

/** What the query `progress` answers: all an operator's screen needs, and small. */
export interface MigrationProgress {
  readonly runId: string;
  readonly migration: string;
  readonly state: MigrationState;
  readonly phases: readonly PhaseProgress[];
  readonly copy?: CopyProgress;
  readonly lag?: { readonly bytes: number; readonly bytesMax: number; readonly seconds: number | null };
  readonly cutover?: CutoverProgress;
  readonly problem?: ErrorReport;
  /** What the run waits for an operator to do. */
  readonly next?: string;
}

export const newPhases = (): PhaseProgress[] => PHASES.map((phase) => ({ phase, state: 'waiting' }));

const SYMBOLS = { waiting: '·', running: '▶', done: '✓', skipped: '–', failed: '✗' } as const;

/** The progress as Markdown, for the Temporal UI's current details. Times in UTC. */
export function progressMarkdown(progress: MigrationProgress): string {
  const rows = progress.phases.map(
    ({ phase, state, startedAt, endedAt, detail }) => `| ${unbroken(`${SYMBOLS[state]} ${phase}`)}${GAP} | ${startedAt === undefined ? '' : clock(startedAt)}${GAP} | ${unbroken(seconds(startedAt, endedAt))}${GAP} | ${detail ?? ''} |`,
  );
  const lines = [`**migration ${progress.migration}** · run \`${progress.runId}\` · **${progress.state}**`, '', '| phase | began (UTC) | took | |', '| --- | --- | --- | --- |', ...rows];
  if (progress.copy !== undefined) lines.push('', copyLine(progress.copy));
  if (progress.lag !== undefined) lines.push('', `lag ${bytesText(progress.lag.bytes)}, highest ${bytesText(progress.lag.bytesMax)}`);
  if (progress.problem !== undefined) lines.push('', `**${progress.problem.code}**: ${progress.problem.message}${progress.problem.detail === undefined ? '' : `. ${progress.problem.detail}`}`, '', progress.problem.hint ?? '');
  if (progress.next !== undefined) lines.push('', `> ${progress.next}`);
  return lines.join('\n');
}

/** The page draws tables without any room between the columns. */
const GAP = '\u00A0\u00A0';

/** The page is narrow; names and amounts stay on one line. */
const unbroken = (text: string): string => text.replaceAll(' ', '\u00A0').replaceAll('-', '\u2011');

function copyLine(copy: CopyProgress): string {
  const share = copy.bytesTotal === 0 ? 100 : Math.floor((copy.bytesDone / copy.bytesTotal) * 100);
  const running = copy.running.length === 0 ? '' : ` · now: ${copy.running.slice(0, 4).join('; ')}`;
  return `${share} % of ${bytesText(copy.bytesTotal)} in ${copy.tables} tables, ${copy.tasksDone} of ${copy.tasksTotal} steps${running}`;
}

const clock = (at: number): string => new Date(at).toISOString().slice(11, 19);

const seconds = (from: number | undefined, to: number | undefined): string => (from === undefined || to === undefined ? '' : `${((to - from) / 1000).toFixed(1)} s`);

/** `1.5 GB`, as Postgres counts: 1 kB is 1024 bytes. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
