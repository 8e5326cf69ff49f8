import progressBars, { type MultiBar, type Options, type Params, type SingleBar } from 'cli-progress';

import type { MigrationProgress } from '../../domain/migration/progress.ts';
import { changeLines } from './changes.ts';
import { CopyRate } from './copy-rate.ts';
import { copyText, nowText } from './progress-text.ts';

/** Shows a migration on stderr while it goes on. */
export interface MigrationView extends Disposable {
  show(progress: MigrationProgress): void;
  /** A remark between two looks. */
  note(text: string): void;
}

/** Bars on a terminal; a line per change elsewhere, as a log wants it. */
export const openView = (stream: NodeJS.WriteStream = process.stderr): MigrationView => (stream.isTTY ? new BarView(stream) : new LineView(stream));

class LineView implements MigrationView {
  readonly #stream: NodeJS.WriteStream;
  readonly #rate = new CopyRate();
  #before: MigrationProgress | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(progress: MigrationProgress): void {
    const pace = progress.copy === undefined ? undefined : this.#rate.note(progress.copy, Date.now());
    for (const line of changeLines(this.#before, progress, pace)) this.note(line);
    this.#before = progress;
  }

  note(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  [Symbol.dispose](): void {}
}

/** What ended scrolls away above; below stay the bar of the copy and what is going on. */
class BarView implements MigrationView {
  readonly #bars: MultiBar;
  readonly #rate = new CopyRate();
  readonly #now: SingleBar;
  #copy: SingleBar | undefined;
  #before: MigrationProgress | undefined;

  constructor(stream: NodeJS.WriteStream) {
    const width = (): number => Math.max(20, (stream.columns ?? 80) - 1);
    const format = (options: Options, params: Params, payload: BarPayload): string => barText(options, params, payload).slice(0, width());
    this.#bars = new progressBars.MultiBar({ stream, format, barCompleteChar: '█', barIncompleteChar: '·', barsize: 24, hideCursor: true, clearOnComplete: true, fps: 5, emptyOnZero: true });
    this.#now = this.#bars.create(1, 0, { text: '', bar: false } satisfies BarPayload);
  }

  show(progress: MigrationProgress): void {
    const { copy } = progress;
    const pace = copy === undefined ? undefined : this.#rate.note(copy, Date.now());
    for (const line of changeLines(this.#before, progress, pace).filter((text) => !text.startsWith('  copy:') && !text.startsWith('▶'))) this.note(line);
    if (copy !== undefined && copy.bytesDone < copy.bytesTotal) {
      this.#copy ??= this.#bars.create(copy.bytesTotal, 0);
      this.#copy.setTotal(copy.bytesTotal);
      this.#copy.update(copy.bytesDone, { text: copyText(progress, pace) ?? '', bar: true } satisfies BarPayload);
    } else if (this.#copy !== undefined) {
      this.#bars.remove(this.#copy);
      this.#copy = undefined;
    }
    this.#now.update(0, { text: `▶ ${nowText(progress, Date.now()) || progress.state.replaceAll('-', ' ')}`, bar: false } satisfies BarPayload);
    this.#before = progress;
  }

  note(text: string): void {
    this.#bars.log(`${text}\n`);
    this.#bars.update(); // what is logged is written with the next drawing
  }

  [Symbol.dispose](): void {
    this.#bars.stop();
  }
}

interface BarPayload {
  readonly text: string;
  readonly bar: boolean;
}

/** `████····  34 % of 1.5 GB in 12 tables, …` */
export function barText(options: Options, { progress }: Pick<Params, 'progress'>, { text, bar }: BarPayload): string {
  return bar ? `${progressBars.Format.BarFormat(progress, options)}  ${text}` : text;
}
