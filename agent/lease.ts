import { setTimeout as sleep } from 'node:timers/promises';

import type { LeaseTerms } from '../domain/cluster/failover/fence.ts';
import { judgeSelfFence, type SelfFence } from '../domain/cluster/failover/self-fence.ts';
import type { StandbyReplies } from './standby-replies.ts';

const EVERY_MS = 100;
/** Replies are looked for when the catalog has been silent for this part of the lease. */
const QUIET_PART = 4;
/** A last look before the server is stopped, when none was made lately, as after the machine had stood still. */
const LAST_LOOK_MS = 150;

export interface LeaseParts {
  readonly terms: () => LeaseTerms;
  /** On our monotonic clock. */
  readonly contactAt: () => number;
  readonly replies: StandbyReplies;
  /** Whether the own server is, or was when it last answered, a primary that nobody stops on purpose. */
  readonly serves: () => boolean;
  readonly stop: (verdict: SelfFence) => Promise<void>;
}

/** Keeps the lease of a primary (G8): ten times a second, with nothing but this process and its clock. */
export async function keepLease(parts: LeaseParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (parts.serves()) await judge(parts);
    await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function judge({ terms, contactAt, replies, stop, serves }: LeaseParts): Promise<void> {
  const now = performance.now();
  // Not waited for: a server that does not answer may not hold the lease up.
  if (now - contactAt() >= terms().selfStopMs / QUIET_PART) void replies.look();
  const verdict = (): SelfFence => judgeSelfFence({ sinceOrchestratorMs: Math.round(performance.now() - contactAt()), sinceStandbyReplyMs: Math.round(performance.now() - replies.replyAt) }, terms());
  if (verdict().action === 'serve') return;
  if (now - replies.lookedAt > 2 * EVERY_MS) await lastLook(replies);
  const last = verdict();
  if (last.action === 'stop' && serves()) await stop(last);
}

/** Two looks, because a reply is a change; bounded, because it is late already. */
async function lastLook(replies: StandbyReplies): Promise<void> {
  const looks = (async () => {
    await replies.look();
    await sleep(LAST_LOOK_MS / 3);
    await replies.look();
  })();
  await Promise.race([looks, sleep(LAST_LOOK_MS)]);
}
