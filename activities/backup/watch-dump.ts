import { setTimeout as sleep } from 'node:timers/promises';

import { type DumpWait, readConflicts, readDumpWaits } from '../../postgres/backup/dump-waits.ts';
import { connect, type Session } from '../../postgres/connection.ts';
import type { ServerAddress } from '../../domain/server.ts';

const EVERY_MS = 500;
/** A dump that gives up says so at once: who stood in its way at the last look before did it. */
const RECENT_MS = 5_000;

/** Looks now and then what the sessions of a dump wait for, and afterwards knows why the dump failed. */
export class DumpSentry implements AsyncDisposable {
  /** For questions beside the snapshot. */
  readonly session: Session;
  readonly #purpose: string;
  readonly #conflictsBefore: number;
  #ended = false;
  #last: { readonly at: number; readonly waits: readonly DumpWait[] } = { at: 0, waits: [] };
  readonly #watching: Promise<void>;

  constructor(session: Session, purpose: string, conflicts: number) {
    this.session = session;
    this.#purpose = purpose;
    this.#conflictsBefore = conflicts;
    this.#watching = this.#watch();
  }

  /** Who stands in the way now, or stood there a moment ago. */
  get waits(): readonly DumpWait[] {
    return performance.now() - this.#last.at < RECENT_MS ? this.#last.waits : [];
  }

  /** Whether replay on a standby has ended queries in this database since the dump began. */
  async hadConflict(): Promise<boolean> {
    return (await readConflicts(this.session).catch(() => this.#conflictsBefore)) > this.#conflictsBefore;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await this.#watching;
    await this.session.close();
  }

  async #watch(): Promise<void> {
    while (!this.#ended) {
      const waits = await readDumpWaits(this.session, this.#purpose).catch(() => []);
      if (waits.length > 0) this.#last = { at: performance.now(), waits };
      else if (this.waits.length === 0) this.#last = { at: 0, waits: [] };
      await sleep(EVERY_MS);
    }
  }
}

export async function startSentry(server: ServerAddress, database: string, purpose: string): Promise<DumpSentry> {
  const session = await connect(server, { database, purpose: 'dump-sentry' });
  return new DumpSentry(session, purpose, await readConflicts(session));
}
