/** Lets a loop sleep until it is called, or for so long. A call while it is awake counts for the next sleep. */
export class WakeUp {
  #called = false;
  #waiting: (() => void) | undefined;

  call(): void {
    this.#called = true;
    this.#waiting?.();
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#called && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        const end = (): void => {
          clearTimeout(timer);
          resolve();
        };
        this.#waiting = end;
        signal.addEventListener('abort', end, { once: true });
      });
    }
    this.#called = false;
    this.#waiting = undefined;
  }
}
