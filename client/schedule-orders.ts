import type { Client } from '@temporalio/client';

import { existing, handleOf } from './schedules.ts';

/** Orders to a schedule that is in force. All throw `schedule_unknown`. */
export async function pauseSchedule(client: Client, policy: string, note: string): Promise<void> {
  await existing(policy, () => handleOf(client, policy).pause(note));
}

export async function resumeSchedule(client: Client, policy: string, note: string): Promise<void> {
  await existing(policy, () => handleOf(client, policy).unpause(note));
}

/** Runs it now, also when it is paused. While one runs, Temporal passes the order over, as it does at the declared times: that is what `skipped` says. */
export async function triggerSchedule(client: Client, policy: string): Promise<{ readonly skipped: boolean }> {
  return await existing(policy, async () => {
    const handle = handleOf(client, policy);
    const { info } = await handle.describe();
    // Left out, the SDK takes ALLOW_ALL.
    await handle.trigger('SKIP');
    return { skipped: info.runningActions.length > 0 };
  });
}

/** Makes up for the declared times of a period, one run after the other. */
export async function backfillSchedule(client: Client, policy: string, period: { readonly from: Date; readonly to: Date }): Promise<void> {
  await existing(policy, () => handleOf(client, policy).backfill({ start: period.from, end: period.to, overlap: 'BUFFER_ALL' }));
}
