import type { ProducedFile } from './dump-producer.ts';

/** Files in the order they were offered, for one reader that may be slower or faster than they come. */
export class ProducedFiles {
  readonly #waiting: ProducedFile[] = [];
  #closed = false;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  offer(file: ProducedFile): void {
    this.#waiting.push(file);
    this.#wake();
  }

  /** No more will come: because that were all, or because of a failure, which the reader gets at once. */
  close(failure?: Error): void {
    this.#closed = true;
    this.#failure = failure;
    this.#wake();
  }

  async *each(): AsyncGenerator<ProducedFile> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const file = this.#waiting.shift();
      if (file !== undefined) yield file;
      else if (this.#closed) return;
      else await new Promise<void>((resolve) => { this.#wake = resolve; });
    }
  }
}
