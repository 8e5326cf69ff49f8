import { setTimeout as sleep } from 'node:timers/promises';

import type { PostmasterState, ProcessFacts } from '../domain/cluster/node-facts.ts';
import { findPostmaster, findServerProcesses, killOrphans, postmasterState, processFacts, type ServerProcess } from '../programs/server-processes.ts';

const EVERY_MS = 50;
/** A process that waits in the kernel for so long hangs there. */
const HANGS_MS = 1000;

export interface ProcessWatchParts {
  readonly dataDir: () => string | null;
  /** Whether somebody stops the server on purpose. */
  readonly stopExpected: () => boolean;
  /** The postmaster is no longer what it was. */
  readonly changed: (state: PostmasterState) => void;
  /** Orphans of a dead postmaster have been killed. */
  readonly killed: (count: number) => void;
}

/** Looks at the postmaster twenty times a second; what a dead one has left behind is killed at once, unless somebody stops it on purpose. */
export class ProcessWatch {
  readonly #parts: ProcessWatchParts;
  #state: PostmasterState | undefined;
  #hangsSince: number | undefined;

  constructor(parts: ProcessWatchParts) {
    this.#parts = parts;
  }

  /** All processes, now. */
  async look(): Promise<ProcessFacts> {
    const dataDir = this.#parts.dataDir();
    if (dataDir === null) return { postmaster: 'gone', children: 0 };
    const found = await findServerProcesses(dataDir);
    return { ...processFacts(found), postmaster: this.#stateOf(found.postmaster) };
  }

  get state(): PostmasterState | undefined {
    return this.#state;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const dataDir = this.#parts.dataDir();
      if (dataDir !== null) await this.#tick(dataDir);
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #tick(dataDir: string): Promise<void> {
    const state = this.#stateOf(await findPostmaster(dataDir));
    const dead = state === 'gone' || state === 'zombie';
    const isNew = state !== this.#state;
    if (dead && (isNew || this.#leftovers > 0) && !this.#parts.stopExpected()) await this.#clear(dataDir);
    this.#state = state;
    if (isNew) this.#parts.changed(state);
  }

  #leftovers = 0;

  /** Again until none is found: one that was just being forked has no title yet. */
  async #clear(dataDir: string): Promise<void> {
    this.#leftovers = await killOrphans(dataDir);
    if (this.#leftovers > 0) this.#parts.killed(this.#leftovers);
  }

  #stateOf(postmaster: ServerProcess | undefined): PostmasterState {
    if (postmaster?.state !== 'D') this.#hangsSince = undefined;
    else this.#hangsSince ??= performance.now();
    return this.#hangsSince !== undefined && performance.now() - this.#hangsSince >= HANGS_MS ? 'frozen' : postmasterState(postmaster);
  }
}
