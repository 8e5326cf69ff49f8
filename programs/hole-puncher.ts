import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { allocatedBytes } from './staging-space.ts';

/** What a file system frees at once; a hole begins and ends at a multiple of it. */
const PAGE = 4096;

/**
 * A shell that does what it is told line by line. To start a program costs a process of our size 20 milliseconds of its
 * main thread, since its memory is mapped anew; a shell does it for next to nothing.
 */
const SCRIPT = 'while read -r offset length name; do if fallocate --punch-hole --offset "$offset" --length "$length" "$name"; then echo done; else echo failed; fi; done';

/** Gives space back inside the files of one folder. */
export class HolePuncher implements AsyncDisposable {
  readonly #shell: ChildProcessWithoutNullStreams;
  readonly #answers: ((answer: string) => void)[] = [];

  constructor(folder: string) {
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT], { cwd: folder });
    this.#shell.stdout.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n').filter((one) => one !== '')) this.#answers.shift()?.(line);
    });
    this.#shell.stderr.resume();
    this.#shell.stdin.on('error', () => undefined); // it has ended: `close` says so
    this.#shell.once('error', () => this.#giveUp()).once('close', () => this.#giveUp());
  }

  /**
   * Frees a file (its name within the folder, letters, digits, dots) from `from` on, up to the last whole page before `end`;
   * it keeps its length. Returns where the hole ends, and `undefined` when that cannot be done here.
   */
  async punch(name: string, { from, end }: { readonly from: number; readonly end: number }): Promise<number | undefined> {
    const to = Math.floor(end / PAGE) * PAGE;
    if (to <= from) return from;
    const answer = new Promise<string>((resolve) => void this.#answers.push(resolve));
    if (this.#shell.exitCode !== null || !this.#shell.stdin.writable) this.#giveUp();
    else this.#shell.stdin.write(`${from} ${to - from} ${name}\n`);
    return (await answer) === 'done' ? to : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#shell.exitCode !== null || this.#shell.pid === undefined) return;
    this.#shell.stdin.end();
    await once(this.#shell, 'close');
  }

  #giveUp(): void {
    for (const answer of this.#answers.splice(0)) answer('failed');
  }
}

/** One for the folder, or `undefined` when the program is not there or the file system cannot: by trying. */
export async function openPuncher(folder: string): Promise<HolePuncher | undefined> {
  const puncher = new HolePuncher(folder);
  const path = join(folder, 'hole');
  try {
    await writeFile(path, Buffer.alloc(4 * PAGE, 1));
    const before = allocatedBytes(await stat(path));
    if ((await puncher.punch('hole', { from: 0, end: 2 * PAGE })) !== undefined && allocatedBytes(await stat(path)) < before) return puncher;
  } finally {
    await rm(path, { force: true });
  }
  await puncher[Symbol.asyncDispose]();
  return undefined;
}
