import type { AgentReport, ProcessFacts } from '../domain/cluster/node-facts.ts';
import type { AgentLog } from './agent-parts.ts';
import type { CatalogLine } from './catalog-line.ts';
import type { Observation } from './observation.ts';
import type { WakeUp } from './wake-up.ts';

const EVERY_MS = 250;

export interface AnnouncerParts {
  readonly observation: Observation;
  readonly line: CatalogLine;
  readonly wake: WakeUp;
  readonly log: AgentLog;
  /** Of every look, whether or not it could be told. */
  readonly seen: (report: AgentReport) => void;
}

/** Looks and tells: at once when a round has begun, and four times a second otherwise. */
export class Announcer {
  readonly #parts: AnnouncerParts;
  #looks = 0;
  #told = 0;
  #last: AgentReport | undefined;

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
  }

  get last(): AgentReport | undefined {
    return this.#last;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#parts.line.hear();
      const tell = await this.#look();
      await tell();
      await this.#parts.wake.sleep(EVERY_MS, signal);
    }
  }

  /** Looks now; what was seen is told behind the caller's back. */
  async look(): Promise<AgentReport> {
    const tell = await this.#look();
    void tell();
    return this.#last!;
  }

  /** Tells at once that the postmaster is dead, with nothing looked at but the process table. */
  async tellDeath(process: ProcessFacts): Promise<void> {
    if (this.#last === undefined) return;
    const number = (this.#looks += 1);
    this.#see({ ...this.#last, process, server: { failed: { code: 'server_unreachable', message: 'the postmaster is gone' } } });
    await this.#tell(number, this.#parts.line.round, this.#last);
  }

  async #look(): Promise<() => Promise<void>> {
    const number = (this.#looks += 1);
    const { round } = this.#parts.line;
    const report = await this.#parts.observation.look();
    if (number >= this.#told) this.#see(report);
    return () => this.#tell(number, round, report);
  }

  #see(report: AgentReport): void {
    this.#last = report;
    this.#parts.seen(report);
  }

  /** What was seen before something that has been told already is not news any more. */
  async #tell(number: number, round: number, report: AgentReport): Promise<void> {
    if (number < this.#told) return;
    this.#told = number;
    await this.#parts.line.say({ round, report, history: await this.#parts.observation.historyOf(report) });
  }
}
