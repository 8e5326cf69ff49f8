import { open, type FileHandle } from 'node:fs/promises';

import { formatRecord, type WriteRecord } from './write-record.ts';

/** The application's own memory of what was acknowledged. Nothing counts before it is on disk. */
export class LedgerFile implements AsyncDisposable {
  readonly #file: FileHandle;
  #waiting: string[] = [];
  #flush: Promise<void> | undefined;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Creates the file, or adds to it. */
  static async open(path: string): Promise<LedgerFile> {
    return new LedgerFile(await open(path, 'a'));
  }

  /** Resolves when the record is on disk. Records that come while one flush runs share the next. */
  async append(record: WriteRecord): Promise<void> {
    this.#waiting.push(formatRecord(record));
    await this.#flush;
    await (this.#flush ??= this.#flushWaiting());
  }

  async #flushWaiting(): Promise<void> {
    const lines = this.#waiting.splice(0);
    try {
      await this.#file.appendFile(lines.join(''));
      await this.#file.datasync();
    } finally {
      this.#flush = undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#flush;
    await this.#file.close();
  }
}
