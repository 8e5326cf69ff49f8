import { setTimeout as sleep } from 'node:timers/promises';

/** Generous: it is only ever reached by a test that has failed. */
const LIMIT_MS = 300_000;
const EVERY_MS = 40;

/** Asks until the answer is neither undefined nor false, and gives it; throws with `what` after a time no healthy run needs. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>, now: () => Promise<unknown> = () => Promise.resolve('')): Promise<T> {
  const deadline = performance.now() + LIMIT_MS;
  while (performance.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await sleep(EVERY_MS);
  }
  throw new Error(`waited in vain for ${what}; it is now ${JSON.stringify(await now().catch(String))}`);
}
