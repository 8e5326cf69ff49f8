import { setTimeout as sleep } from 'node:timers/promises';

import type { PostmasterState, ProcessFacts } from '../domain/cluster/node-facts.ts';
import { killOrphans, PostmasterWatch } from '../programs/cluster/postmaster-watch.ts';

const EVERY_MS = 50;

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
  #watched: { readonly dataDir: string; readonly watch: PostmasterWatch } | undefined;
  #state: PostmasterState | undefined;
  #leftBehind = false;

  constructor(parts: ProcessWatchParts) {
    this.#parts = parts;
  }

  /** All processes, now. */
  async look(): Promise<ProcessFacts> {
    const watch = this.#watch()?.watch;
    if (watch === undefined) return { postmaster: 'gone', children: 0 };
    return { postmaster: await watch.state(), children: await watch.children() };
  }

  /** At the last look of the loop; undefined before the first. */
  get state(): PostmasterState | undefined {
    return this.#state;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#tick();
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #tick(): Promise<void> {
    const watched = this.#watch();
    if (watched === undefined) return;
    const state = await watched.watch.state();
    const isNew = state !== this.#state;
    this.#state = state;
    if (state === 'running' || state === 'frozen') this.#leftBehind = true;
    else if (this.#leftBehind && !this.#parts.stopExpected()) await this.#clear(watched.dataDir);
    if (isNew) this.#parts.changed(state);
  }

  /** Again at the next look until none is found: one that was just being forked had no title yet. */
  async #clear(dataDir: string): Promise<void> {
    const count = await killOrphans(dataDir);
    this.#leftBehind = count > 0;
    if (count > 0) this.#parts.killed(count);
  }

  #watch(): { readonly dataDir: string; readonly watch: PostmasterWatch } | undefined {
    const dataDir = this.#parts.dataDir();
    if (dataDir === null) return undefined;
    if (this.#watched?.dataDir !== dataDir) this.#watched = { dataDir, watch: new PostmasterWatch(dataDir) };
    return this.#watched;
  }
}
