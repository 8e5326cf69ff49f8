import { setTimeout as sleep } from 'node:timers/promises';

import { type DumpWait, readConflicts, readDumpWaits } from '../../postgres/backup/dump-waits.ts';
import { connect, type Session } from '../../postgres/connection.ts';
import type { ServerAddress } from '../../domain/server.ts';

export const EVERY_MS = 500;
/** A dump that gives up says so at once: who stood in its way at the last look before did it. */
const RECENT_MS = 5_000;

/** Looks now and then what the sessions of a dump wait for, and afterwards knows why the dump failed. */
export class DumpSentry implements AsyncDisposable {
  /** For questions beside the snapshot. */
  readonly session: Session;
  readonly #purpose: string;
  readonly #conflictsBefore: number;
  #ended = false;
  #waits: readonly DumpWait[] = [];
  #seenAt = 0;
  /** Since when somebody has stood in the way without a break. */
  #since: number | undefined;
  readonly #watching: Promise<void>;

  constructor(session: Session, purpose: string, conflicts: number) {
    this.session = session;
    this.#purpose = purpose;
    this.#conflictsBefore = conflicts;
    this.#watching = this.#watch();
  }

  /** Who stands in the way now, or did a moment ago. */
  get waits(): readonly DumpWait[] {
    return this.#isRecent() ? this.#waits : [];
  }

  /** For how long, in milliseconds; short by up to the time between two looks at either end. */
  get waitedMs(): number {
    return this.#since === undefined ? 0 : this.#seenAt - this.#since;
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

  #isRecent(): boolean {
    return performance.now() - this.#seenAt < RECENT_MS;
  }

  async #watch(): Promise<void> {
    while (!this.#ended) {
      this.#note(await readDumpWaits(this.session, this.#purpose).catch(() => []));
      await sleep(EVERY_MS);
    }
  }

  #note(waits: readonly DumpWait[]): void {
    if (waits.length === 0) {
      if (!this.#isRecent()) this.#since = undefined;
      return;
    }
    this.#seenAt = performance.now();
    this.#since ??= this.#seenAt;
    this.#waits = waits;
  }
}

export async function startSentry(server: ServerAddress, database: string, purpose: string): Promise<DumpSentry> {
  const session = await connect(server, { database, purpose: 'dump-sentry' });
  return new DumpSentry(session, purpose, await readConflicts(session));
}
