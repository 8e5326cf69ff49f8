import { bytesText, type MigrationProgress } from '../../domain/migration/progress.ts';
import { bar, seconds, type Display } from './display.ts';

/** Shows a migration as its progress comes in: a line for every phase that ended, and what is going on now. */
export class MigrationDisplay {
  readonly #display: Display;
  readonly #shown = new Set<string>();

  constructor(display: Display) {
    this.#display = display;
  }

  /** `transactions`: what the application has written so far. */
  update(progress: MigrationProgress, transactions: number): void {
    for (const { phase, state, startedAt, endedAt, detail } of progress.phases) {
      if (this.#shown.has(phase) || (state !== 'done' && state !== 'failed')) continue;
      this.#shown.add(phase);
      const took = startedAt === undefined || endedAt === undefined ? '' : seconds(endedAt - startedAt);
      this.#display.line(`  ${state === 'done' ? '✓' : '✗'} ${phase.padEnd(12)} ${took.padStart(8)}  ${detail ?? ''}`.trimEnd());
    }
    this.#display.live(liveLine(progress, transactions));
  }
}

function liveLine({ phases, copy, lag }: MigrationProgress, transactions: number): string {
  const running = phases.filter(({ state }) => state === 'running').map(({ phase, detail }) => (detail === undefined ? phase : `${phase}: ${detail}`));
  const copied = copy === undefined || copy.bytesTotal === 0 || copy.bytesDone >= copy.bytesTotal ? '' : `${bar(copy.bytesDone / copy.bytesTotal)} of ${bytesText(copy.bytesTotal)}`;
  const behind = lag === undefined ? '' : `lag ${bytesText(lag.bytes)}`;
  return `  ▶ ${[running.join(', '), copied, behind, `${transactions.toLocaleString('en')} transactions of the application meanwhile`].filter((part) => part !== '').join(' · ')}`;
}
