import type { DumpWait } from '../../postgres/backup/dump-waits.ts';
import type { DumpProducer } from '../../programs/dump-producer.ts';

/** How far a dump is: flat and small, as heartbeats are. */
export interface DumpProgressFacts {
  readonly doing: string;
  readonly rawBytes: number;
  readonly storedBytes: number;
  readonly stagedBytes: number;
  readonly files: number;
  /** What holds the dump up: a process on the server, or the store. */
  readonly waitsFor: string | null;
}

/** Gathers what is known of a dump under way from those who know it. */
export class DumpTelling {
  #doing = 'taking a snapshot';
  #storedBytes = 0;
  #producer: DumpProducer | undefined;
  #waits: () => readonly DumpWait[] = () => [];

  doing(what: string): void {
    this.#doing = what;
  }

  stored(bytes: number): void {
    this.#storedBytes = bytes;
  }

  watch(producer: DumpProducer, waits: () => readonly DumpWait[]): void {
    this.#producer = producer;
    this.#waits = waits;
    this.#doing = 'dumping';
  }

  facts(): DumpProgressFacts {
    const { rawBytes, stagedBytes, files, heldUp } = this.#producer?.progress() ?? { rawBytes: 0, stagedBytes: 0, files: 0, heldUp: false };
    const holder = this.#waits().find(({ kind }) => kind === 'holds');
    const waitsFor = holder === undefined ? (heldUp ? 'the store' : null) : `pid ${holder.pid}`;
    return { doing: this.#doing, rawBytes, storedBytes: this.#storedBytes, stagedBytes, files, waitsFor };
  }
}
