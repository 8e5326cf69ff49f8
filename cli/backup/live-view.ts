import progressBars, { type MultiBar, type Options, type Params, type SingleBar } from 'cli-progress';

import type { StepBeat, StepRetry } from '../../client/pending-step.ts';
import type { WorkflowLook } from '../../client/watch-workflow.ts';
import type { BackupRunProgress } from '../../domain/backup/run-progress.ts';
import { barText } from '../migration/live-view.ts';
import { beatText, retryChanges, runChanges, shareOf } from './changes.ts';

/** Shows a backup, a proof or a restore on stderr while it goes on, and what of it is tried again, and why. */
export interface BackupView extends Disposable {
  show(look: WorkflowLook): void;
  /** A remark between two looks. */
  note(text: string): void;
}

/** Bars on a terminal; a line per change elsewhere, as a log wants it. */
export const openBackupView = (stream: NodeJS.WriteStream = process.stderr): BackupView => (stream.isTTY ? new BarView(stream) : new LineView(stream));

/** Without a terminal a step is told of when it does something else, not at every byte. */
class LineView implements BackupView {
  readonly #stream: NodeJS.WriteStream;
  #before: BackupRunProgress | undefined;
  #doing: StepBeat[string] | undefined;
  #retry: StepRetry | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show({ progress, beat, retry }: WorkflowLook): void {
    if (progress !== undefined) for (const line of runChanges(this.#before, progress)) this.note(line);
    this.#before = progress ?? this.#before;
    for (const line of retryChanges(this.#retry, retry)) this.note(line);
    this.#retry = retry;
    const doing = beat?.['doing'];
    if (doing === undefined || doing === this.#doing) return;
    this.#doing = doing;
    this.note(`  ${beatText(beat!)}`);
  }

  note(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  [Symbol.dispose](): void {}
}

/** What ended scrolls away above; below stays what is going on. */
class BarView implements BackupView {
  readonly #bars: MultiBar;
  readonly #now: SingleBar;
  #before: BackupRunProgress | undefined;
  #retry: StepRetry | undefined;

  constructor(stream: NodeJS.WriteStream) {
    const width = (): number => Math.max(20, (stream.columns ?? 80) - 1);
    const format = (options: Options, params: Params, payload: { text: string; bar: boolean }): string => barText(options, params, payload).slice(0, width());
    this.#bars = new progressBars.MultiBar({ stream, format, barCompleteChar: '█', barIncompleteChar: '·', barsize: 24, hideCursor: true, clearOnComplete: true, fps: 5, emptyOnZero: true });
    this.#now = this.#bars.create(1, 0, { text: '', bar: false });
  }

  show({ progress, beat, retry }: WorkflowLook): void {
    if (progress !== undefined) for (const line of runChanges(this.#before, progress)) this.note(line);
    this.#before = progress ?? this.#before;
    for (const line of retryChanges(this.#retry, retry)) this.note(line);
    this.#retry = retry;
    const share = shareOf(beat);
    const text = beat === undefined ? `▶ ${progress?.phase ?? ''}` : beatText(beat);
    this.#now.update(share ?? 0, { text: retry === undefined ? text : `attempt ${retry.attempt}: ${text}`, bar: share !== undefined });
  }

  note(text: string): void {
    this.#bars.log(`${text}\n`);
    this.#bars.update(); // what is logged is written with the next drawing
  }

  [Symbol.dispose](): void {
    this.#bars.stop();
  }
}
