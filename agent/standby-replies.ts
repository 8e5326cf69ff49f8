import { provokeReplies, readReplies } from '../postgres/cluster/replies.ts';
import type { KeptSession } from './kept-session.ts';

/** When a standby last replied, on our own clock: a reply is seen as a change between two looks, and counts from the first of the two. */
export class StandbyReplies {
  readonly #session: KeptSession;
  #marks: ReadonlyMap<number, string> | undefined;
  #lookedAt = 0;
  #replyAt: number;
  #looking: Promise<void> | undefined;

  constructor(session: KeptSession) {
    this.#session = session;
    this.#replyAt = performance.now();
  }

  /** At first, the start of the agent. */
  get replyAt(): number {
    return this.#replyAt;
  }

  get lookedAt(): number {
    return this.#lookedAt;
  }

  /** Looks, and asks the standbys for another reply. One look at a time. */
  look(): Promise<void> {
    this.#looking ??= this.#look().catch(() => undefined).finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #look(): Promise<void> {
    const before = performance.now();
    const marks = await this.#session.ask(readReplies);
    const replied = [...marks].some(([pid, mark]) => this.#marks?.has(pid) === true && this.#marks.get(pid) !== mark);
    if (replied) this.#replyAt = Math.max(this.#replyAt, this.#lookedAt);
    this.#marks = marks;
    this.#lookedAt = before;
    await this.#session.ask(provokeReplies);
  }
}
