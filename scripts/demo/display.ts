/** The live view on stderr. On a terminal, the last line moves; elsewhere, every change is a line of its own. */
export class Display {
  readonly #stream: NodeJS.WriteStream;
  #live = '';

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  /** Shows a step while it runs and how long it took. */
  async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    this.live(`▶ ${title}`);
    let mark = '✗';
    try {
      const result = await work();
      mark = '✓';
      return result;
    } finally {
      this.live('');
      this.line(`${mark} ${title}  ${seconds(performance.now() - started)}`);
    }
  }

  /** A line that stays. */
  line(text: string): void {
    this.#erase();
    this.#stream.write(`${text}\n`);
    this.#draw();
  }

  /** What is going on at this moment; takes the place of what was before. Not shown without a terminal. */
  live(text: string): void {
    this.#erase();
    this.#live = text;
    this.#draw();
  }

  #erase(): void {
    if (this.#stream.isTTY && this.#live !== '') this.#stream.write('\r\u001B[2K');
  }

  #draw(): void {
    // A line that wraps could not be erased.
    if (this.#stream.isTTY) this.#stream.write(this.#live.slice(0, this.#stream.columns - 1));
  }
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** `[█████·····]  50 %` */
export function bar(share: number, width = 24): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return `[${'█'.repeat(filled)}${'·'.repeat(width - filled)}] ${String(Math.floor(share * 100)).padStart(3)} %`;
}
