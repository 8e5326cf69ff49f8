import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

const AGAIN_AFTER_MS = 2000;

interface Entry {
  address: string | undefined;
  resolves: boolean;
  askedAt: number;
}

/**
 * What names resolve to, asked apart from dialling (HA12): a server is dialled by the address its name had last, so that lost names are not a lost server.
 * One name is asked at a time, because a resolver that hangs holds one of Node's few threads for files.
 */
export class NameBook {
  readonly #known = new Map<string, Entry>();
  #turn: Promise<void> = Promise.resolve();

  /** What is known of a name; an unknown one is waited for, an old answer is renewed behind our back. */
  async find(host: string, waitMs: number): Promise<{ readonly address: string; readonly resolves: boolean }> {
    if (isIP(host) !== 0) return { address: host, resolves: true };
    const known = this.#known.get(host);
    if (known === undefined || performance.now() - known.askedAt >= AGAIN_AFTER_MS) {
      const asked = this.#ask(host);
      if (known === undefined) await Promise.race([asked, new Promise((resolve) => void setTimeout(resolve, waitMs))]);
    }
    const { address, resolves } = this.#known.get(host)!;
    return { address: address ?? host, resolves };
  }

  #ask(host: string): Promise<void> {
    const entry: Entry = this.#known.get(host) ?? { address: undefined, resolves: false, askedAt: 0 };
    entry.askedAt = performance.now();
    this.#known.set(host, entry);
    this.#turn = this.#turn.then(async () => {
      const found = await lookup(host).catch(() => undefined);
      entry.resolves = found !== undefined;
      entry.address = found?.address ?? entry.address;
    });
    return this.#turn;
  }
}
