import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochOf } from '../../../../domain/cluster/epoch.ts';
import { judgeFence } from '../../../../domain/cluster/failover/fence.ts';
import { judgeSelfFence } from '../../../../domain/cluster/failover/self-fence.ts';
import { ago, NOW, said } from '../builders.ts';

const LEASE = { selfStopMs: 20_000, stopMs: 5000, marginMs: 1000 };
const judge = (sinceOrchestratorMs: number, sinceStandbyReplyMs: number) => judgeSelfFence({ sinceOrchestratorMs, sinceStandbyReplyMs }, LEASE);

describe('a primary that is cut off', () => {
  it('stops itself when it hears neither orchestrator nor standby for the lease', () => {
    expect(judge(20_000, 20_000)).toMatchObject({ action: 'stop', rule: 'isolated', by: ['G8', 'HA6'] });
    expect(judge(19_999, 99_999)).toMatchObject({ action: 'serve', rule: 'orchestrator-heard' });
  });

  it('HA11 serves on without the orchestrator while a standby replies', () => {
    expect(judge(3_600_000, 19_999)).toMatchObject({ action: 'serve', rule: 'standby-replies' });
  });

  it('HA1 has stopped before anybody takes its lease for over', () => {
    const ms = fc.integer({ min: 0, max: 60_000 });
    fc.assert(
      fc.property(ms, ms, (contactAgo, detachedFor) => {
        const { fenced } = judgeFence({
          epoch: epochOf(2), agent: null, poweredOff: null, consent: null, synchronous: null, routeClosed: false, lease: LEASE, lastContactAt: ago(contactAgo), lastServedAt: null, freshMs: 3000, now: NOW,
          followers: [{ name: 'bravo', applicationName: 'bravo', detachedForMs: said('bravo', detachedFor) }],
        });
        // When its stop, which takes so long at most, had to begin.
        if (fenced) expect(judge(contactAgo - LEASE.stopMs, detachedFor - LEASE.stopMs).action).toBe('stop');
      }),
      { numRuns: 1000 },
    );
  });
});
