import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 50;

/** Waits until `ready` says so, asking every 50 ms. Returns false when `timeoutMs` have passed without. */
export async function waitUntil(ready: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    if (await ready()) return true;
    await sleep(PAUSE_MS);
  }
  return false;
}
