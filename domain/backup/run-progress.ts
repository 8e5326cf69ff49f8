import type { ErrorReport } from '../errors.ts';
import { bytesText } from '../migration/progress.ts';

export type BackupPhase = 'begin' | 'back up' | 'prove' | 'expire' | 'end';
export type BackupRunState = 'running' | 'completed' | 'failed' | 'aborted';
export type DatabaseState = 'waiting' | 'dumping' | 'stored' | 'proving' | 'proven' | 'rejected' | 'failed';

/** One database of a run. */
export interface DatabaseProgress {
  readonly database: string;
  readonly state: DatabaseState;
  /** Of the workflow that is at work on it, or was last. */
  readonly workflowId?: string;
  readonly backupId?: string;
  readonly storedBytes?: number;
  readonly rawBytes?: number;
  readonly tables?: number;
  readonly rows?: number;
  readonly dumpSeconds?: number;
  readonly proofSeconds?: number;
  /** Why it was not backed up, or what its proof found. */
  readonly problem?: ErrorReport;
}

/** What the query `progress` of a run answers: all an operator's screen needs, and small. */
export interface BackupRunProgress {
  readonly runId: string;
  readonly policy: string;
  readonly state: BackupRunState;
  readonly phase: BackupPhase;
  readonly sealed: boolean;
  readonly databases: readonly DatabaseProgress[];
  readonly expiry?: { readonly kept: number; readonly deleted: number; readonly bytes: number };
  readonly problem?: ErrorReport;
}

export const DATABASE_MARKS: Readonly<Record<DatabaseState, string>> = { waiting: '·', dumping: '▶', stored: '✓', proving: '▶', proven: '✓', rejected: '✗', failed: '✗' };

/** Rows of the table in Temporal's UI: more make a page that nobody reads. */
const ROWS_SHOWN = 100;

/** The progress as Markdown, for the Temporal UI's current details. */
export function backupRunMarkdown(progress: BackupRunProgress): string {
  const { runId, policy, state, phase, sealed, databases, expiry, problem } = progress;
  const shown = databases.slice(0, ROWS_SHOWN).map(markdownRow);
  return [
    `**backup ${policy}** · run \`${runId}\` · **${state}**${state === 'running' ? ` · ${phase}` : ''}`,
    '',
    '| database | state | stored | of | rows | dump | proof |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...shown,
    ...(databases.length > ROWS_SHOWN ? ['', `and ${databases.length - ROWS_SHOWN} more`] : []),
    ...(expiry === undefined ? [] : ['', `expired ${expiry.deleted} (${bytesText(expiry.bytes)}), kept ${expiry.kept}`]),
    ...(sealed || phase === 'begin' ? [] : ['', '**Not encrypted**: the policy names no key.']),
    ...(problem === undefined ? [] : ['', `**${problem.code}**: ${problem.message}${problem.detail === undefined ? '' : `. ${problem.detail}`}`, '', problem.hint ?? '']),
  ].join('\n');
}

function markdownRow({ database, state, storedBytes, rawBytes, rows, dumpSeconds, proofSeconds, problem }: DatabaseProgress): string {
  const cells = [cell(database), `${DATABASE_MARKS[state]} ${state}${problem === undefined ? '' : `: ${cell(problem.message)}`}`, bytes(storedBytes), bytes(rawBytes), rows ?? '', seconds(dumpSeconds), seconds(proofSeconds)];
  return `| ${cells.join(' | ')} |`;
}

const bytes = (value: number | undefined): string => (value === undefined ? '' : bytesText(value).replace(' ', '\u00A0'));
const seconds = (value: number | undefined): string => (value === undefined ? '' : `${value.toFixed(1)}\u00A0s`);
/** A name may have what ends a cell. */
const cell = (text: string): string => text.replaceAll(/[|\n\r]/g, ' ');

/** What a run is to be blamed for as a whole: undefined when every database is as it should be. */
export function problemOf({ policy, databases }: Pick<BackupRunProgress, 'policy' | 'databases'>): ErrorReport | undefined {
  const bad = databases.filter(({ problem }) => problem !== undefined);
  const [first] = bad;
  if (first?.problem === undefined) return undefined;
  const lines = bad.map(({ database, problem }) => `${database}: ${problem!.message}${problem!.detail === undefined ? '' : ` (${problem!.detail})`}`);
  return { ...first.problem, message: `policy "${policy}" has ${bad.length} of ${databases.length} databases without a good backup of this run`, detail: lines.join('\n') };
}
