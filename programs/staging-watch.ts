import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { OperationError } from '../domain/errors.ts';
import { bytesText } from '../domain/migration/progress.ts';
import { GrowingFile } from './growing-file.ts';
import { HoldUp } from './hold-up.ts';
import type { HolePuncher } from './hole-puncher.ts';
import { openFilesOf } from './open-files.ts';
import type { ProcessGroup } from './process-group.ts';
import { freeBytes } from './staging-space.ts';

export interface WatchOrder {
  /** The folder that the group writes its files to. */
  readonly folder: string;
  readonly group: ProcessGroup;
  /** Absent where the file system gives no space back inside a file. */
  readonly puncher: HolePuncher | undefined;
  /** A file that nobody reads before the group has ended. */
  readonly last: string;
  /** The most that the files may take on the disk. */
  readonly limitBytes: number;
  /** Of files that appeared, as soon as they are seen. */
  readonly onFile: (file: GrowingFile) => void;
}

const TICK_MS = 10;
/** Writers go on for a tick after the limit is reached, so they are held up before it. */
const HOLD_UP_AT = 0.6;
const GO_ON_AT = 0.3;
/** While writers are held up, holes of this part of the limit are made. */
const WORTH_A_HOLE = 32;
/** Free space that is left to others on the disk; of a small limit less. */
const RESERVE = 64 * 2 ** 20;

/**
 * Watches the files of a dump grow: tells their readers, knows when one is at its end, and holds up the writers while more
 * lies there than is allowed. What was read is given back, so a table larger than the limit passes through.
 */
export class StagingWatch {
  readonly #order: WatchOrder;
  readonly #files = new Map<string, GrowingFile>();
  /** Files that were read and removed; a listing may still name them. */
  readonly #passed = new Set<string>();
  readonly holdUp: HoldUp;
  #passedBytes = 0;
  #ended = false;
  #freeBytes = Number.POSITIVE_INFINITY;
  allocatedBytes = 0;
  peakBytes = 0;
  lowestFreeBytes = Number.POSITIVE_INFINITY;

  constructor(order: WatchOrder) {
    this.#order = order;
    this.holdUp = new HoldUp(order.group);
  }

  get fileCount(): number {
    return this.#files.size + this.#passed.size;
  }

  /** What is to stay free. */
  get reserveBytes(): number {
    return Math.min(RESERVE, this.#order.limitBytes / 8);
  }

  get rawBytes(): number {
    return this.#passedBytes + this.#sum((file) => file.size);
  }

  /** Looks again and again until {@link StagingWatch.end}. Error: `staging_full`. */
  async run(): Promise<void> {
    while (!this.#ended) {
      this.#measure();
      this.#findEnds();
      for (const file of this.#files.values()) file.tell();
      await this.#bound();
      await sleep(TICK_MS);
    }
  }

  /** The writers have ended: well, so that every file is whole, or not. */
  end(failure?: Error): void {
    this.#ended = true;
    this.#measure();
    for (const file of this.#files.values()) {
      if (failure === undefined) file.ended = true;
      else file.fail(failure);
      file.tell();
    }
  }

  /** Without waiting for anything, since the threads that files are read by are busy with compression while the writers go on. */
  #measure(): void {
    for (const [name, file] of this.#files) if (file.gone) this.#pass(name, file);
    for (const name of readdirSync(this.#order.folder)) this.#notice(name);
    for (const file of this.#files.values()) if (!file.ended) file.measure();
    this.allocatedBytes = this.#sum((file) => file.allocated);
    this.peakBytes = Math.max(this.peakBytes, this.allocatedBytes);
    this.#freeBytes = freeBytes(this.#order.folder);
    this.lowestFreeBytes = Math.min(this.lowestFreeBytes, this.#freeBytes);
  }

  #pass(name: string, file: GrowingFile): void {
    this.#passedBytes += file.size;
    this.#files.delete(name);
    this.#passed.add(name);
  }

  #notice(name: string): void {
    if (this.#files.has(name) || this.#passed.has(name)) return;
    const file = new GrowingFile(join(this.#order.folder, name), this.#order.puncher);
    this.#files.set(name, file);
    this.#order.onFile(file);
  }

  /**
   * pg_dump opens each file once. One that has bytes was opened before we looked, so when nobody has it open afterwards it
   * has been closed for good. An empty one may be about to be opened, and waits for the end of the dump.
   */
  #findEnds(): void {
    const candidates = [...this.#files.values()].filter((file) => !file.ended && file.size > 0);
    if (candidates.length === 0) return;
    const open = openFilesOf(this.#order.group.pid);
    if (open === undefined) return;
    for (const file of candidates.filter(({ path }) => !open.has(path))) {
      file.measure(); // what was written between the two looks
      file.ended = true;
    }
  }

  async #bound(): Promise<void> {
    const before = this.#unread();
    if (this.#isFull()) this.holdUp.begin();
    if (this.holdUp.now) {
      await Promise.all([...this.#files.values()].map((file) => file.giveBack(this.#order.limitBytes / WORTH_A_HOLE)));
      this.#measure();
    }
    if (this.#isFull()) {
      // Files at their end go as soon as their readers are through. When there are none and all of the others was read before, nothing more can be freed.
      if (before === 0 && this.#unread() === 0 && this.#read().every((file) => !file.ended)) throw this.#full();
    } else if (this.allocatedBytes <= this.#order.limitBytes * GO_ON_AT || this.#unread() === 0) this.holdUp.end();
  }

  /** Files that somebody reads already. */
  #read(): GrowingFile[] {
    return [...this.#files].flatMap(([name, file]) => (name === this.#order.last ? [] : [file]));
  }

  #unread(): number {
    return this.#read().reduce((sum, file) => sum + file.unread, 0);
  }

  #isFull(): boolean {
    return this.allocatedBytes > this.#order.limitBytes * HOLD_UP_AT || this.#freeBytes < this.reserveBytes;
  }


  #full(): OperationError {
    const { puncher, limitBytes, folder } = this.#order;
    const largest = [...this.#files.values()].toSorted((a, b) => b.size - a.size)[0];
    const detail =
      puncher !== undefined || largest === undefined
        ? `${bytesText(this.#freeBytes)} are free on its disk, where ${bytesText(this.reserveBytes)} are left to others; ${bytesText(this.allocatedBytes)} are taken of at most ${bytesText(limitBytes)}.`
        : `Its file system gives no space back inside a file, and file ${basename(largest.path)} alone takes ${bytesText(largest.size)} of at most ${bytesText(limitBytes)}.`;
    return new OperationError('staging_full', `staging folder ${folder} is full`, { detail });
  }

  #sum(of: (file: GrowingFile) => number): number {
    return [...this.#files.values()].reduce((sum, file) => sum + of(file), 0);
  }
}
