import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochOf } from '../../../../domain/cluster/epoch.ts';
import { judgeFence, type FenceFacts, type Follower } from '../../../../domain/cluster/failover/fence.ts';
import { parseSynchronousNames } from '../../../../domain/cluster/synchronous/names.ts';
import { ago, NOW, said } from '../builders.ts';

const EPOCH = epochOf(4);
const follower = (name: string, detachedForMs: number | null, age = 100): Follower => ({ name, applicationName: name, detachedForMs: detachedForMs === null ? null : said(name, detachedForMs, age) });
const FACTS: FenceFacts = {
  epoch: EPOCH, agent: null, poweredOff: null, consent: null, synchronous: null, routeClosed: true, followers: [follower('bravo', 60_000), follower('charlie', 60_000)],
  lease: null, lastContactAt: null, lastServedAt: null, freshMs: 3000, now: NOW,
};
const LEASE = { selfStopMs: 20_000, stopMs: 5000, marginMs: 1000 };
const fence = (rest: Partial<FenceFacts>) => judgeFence({ ...FACTS, ...rest });
const reasonOf = (rest: Partial<FenceFacts>, rule: string): string | undefined => fence(rest).attempts.find((attempt) => attempt.rule === rule)?.reason;

describe('the fence of an old primary', () => {
  it('HA1 is not proven by nobody reaching it, and tells what each proof lacks', () => {
    expect(fence({})).toMatchObject({ fenced: false, proof: null });
    expect(fence({}).attempts.map(({ rule }) => rule)).toEqual(['process-tree-gone', 'powered-off', 'ackers-detached', 'lease-over', 'consent']);
  });

  it('HA4 is not a dead postmaster: every child has to be gone, and the tombstone set', () => {
    const agent = { epoch: EPOCH, processesLeft: 0, tombstone: true };
    expect(fence({ agent })).toMatchObject({ fenced: true, proof: 'process-tree-gone' });
    expect(reasonOf({ agent: { ...agent, processesLeft: 1 } }, 'process-tree-gone')).toBe('1 processes of it are left.');
    expect(fence({ agent: { ...agent, processesLeft: 1 } }).fenced).toBe(false);
    expect(fence({ agent: { ...agent, tombstone: false } }).fenced).toBe(false);
    expect(fence({ agent, routeClosed: false }).fenced).toBe(true);
    expect(fence({ agent: { ...agent, epoch: epochOf(3) } }).fenced).toBe(false);
  });

  it('is proven by a hook or by typed consent of this epoch only', () => {
    expect(fence({ poweredOff: { epoch: EPOCH, by: 'ipmi' } })).toMatchObject({ proof: 'powered-off' });
    expect(fence({ poweredOff: { epoch: epochOf(3), by: 'ipmi' } }).fenced).toBe(false);
    expect(fence({ consent: { epoch: EPOCH, by: 'ada' } })).toMatchObject({ proof: 'consent' });
    expect(fence({ consent: { epoch: epochOf(3), by: 'ada' } }).fenced).toBe(false);
  });
});

describe('synchronous ackers', () => {
  const any = (text: string) => parseSynchronousNames(text);

  it('HA1 fence it when too few are left to acknowledge', () => {
    expect(fence({ synchronous: any('ANY 1 (bravo, charlie)') })).toMatchObject({ proof: 'ackers-detached' });
    expect(fence({ synchronous: any('ANY 2 (bravo, charlie)'), followers: [follower('bravo', 60_000), follower('charlie', null)] })).toMatchObject({ proof: 'ackers-detached' });
    expect(reasonOf({ synchronous: any('ANY 1 (bravo, charlie)'), followers: [follower('bravo', 60_000), follower('charlie', null)] }, 'ackers-detached')).toBe('1 must acknowledge, and charlie may still be attached.');
  });

  it('HA2 count as attached until a fresh word says otherwise', () => {
    for (const charlie of [follower('charlie', 0), follower('charlie', 60_000, 3001), follower('charlie', null)]) {
      expect(fence({ synchronous: any('bravo, charlie'), followers: [follower('bravo', 60_000), charlie] }).fenced).toBe(false);
    }
    expect(fence({ synchronous: any('bravo, charlie, stranger') }).fenced).toBe(false);
  });

  it('do not fence it when a star lets anybody acknowledge', () => {
    expect(fence({ synchronous: any('ANY 2 (*)') }).fenced).toBe(false);
    expect(reasonOf({ synchronous: any('ANY 2 (*)') }, 'ackers-detached')).toBe('2 must acknowledge, and anybody, by the star in the list, may still be attached.');
  });

  it('do not fence sessions that wait for nobody: the route has to be closed too', () => {
    expect(fence({ synchronous: any('bravo, charlie'), routeClosed: false }).fenced).toBe(false);
  });
});

describe('the lease', () => {
  const lease = { lease: LEASE, lastContactAt: ago(26_000) };

  it('is over when the agent has surely stopped the server', () => {
    expect(fence(lease)).toMatchObject({ fenced: true, proof: 'lease-over' });
    expect(reasonOf({ ...lease, lastContactAt: ago(25_999) }, 'lease-over')).toBe('It was cut off 25999 ms ago; it has surely stopped after 26000 ms.');
    expect(fence({ ...lease, lastContactAt: ago(90_000, 'another') }).fenced).toBe(false);
    expect(fence({ ...lease, lastContactAt: null }).fenced).toBe(false);
  });

  it('does not run while a standby may stream from it', () => {
    expect(fence({ ...lease, followers: [follower('bravo', 60_000), follower('charlie', 25_000)] }).fenced).toBe(false);
    expect(reasonOf({ ...lease, followers: [follower('bravo', null)] }, 'lease-over')).toContain('bravo may still stream from it');
  });

  it('is void when it was seen to serve after its end', () => {
    expect(fence({ ...lease, lastContactAt: ago(60_000), lastServedAt: ago(33_999) }).fenced).toBe(false);
    expect(fence({ ...lease, lastContactAt: ago(60_000), lastServedAt: ago(34_000) }).fenced).toBe(true);
    expect(fence({ ...lease, lastServedAt: ago(26_000, 'another') }).fenced).toBe(false);
  });

  it('is not void because it served by right, cut off from us and not yet from its standbys', () => {
    const detachedLately = [follower('bravo', 26_000), follower('charlie', 27_000)];
    expect(fence({ ...lease, lastContactAt: ago(300_000), followers: detachedLately, lastServedAt: ago(26_500) }).fenced).toBe(true);
    expect(fence({ ...lease, lastContactAt: ago(300_000), followers: [follower('bravo', 60_000), follower('charlie', 60_000)], lastServedAt: ago(26_500) }).fenced).toBe(false);
  });
});

describe('a primary that may be writable', () => {
  /** A world with a truth of its own, and what we know of it. The primary acknowledges when it runs and enough of its standbys are attached. */
  const world = fc.record({
    names: fc.constantFrom('', 'bravo', 'ANY 1 (bravo, charlie)', 'ANY 2 (bravo, charlie)', 'FIRST 1 (charlie, bravo)', 'ANY 1 (*)'),
    processes: fc.integer({ min: 0, max: 3 }),
    tombstone: fc.boolean(),
    attached: fc.subarray(['bravo', 'charlie']),
    heard: fc.subarray(['bravo', 'charlie']),
    agentHeard: fc.boolean(),
    cutOffForMs: fc.integer({ min: 0, max: 60_000 }),
    leased: fc.boolean(),
    epochOfReport: fc.constantFrom(3, 4),
  });

  it('HA1 is never taken for fenced by what standbys, agents and leases say truthfully', () => {
    fc.assert(
      fc.property(world, ({ names, processes, tombstone, attached, heard, agentHeard, cutOffForMs, leased, epochOfReport }) => {
        const synchronous = parseSynchronousNames(names);
        // An agent that holds a lease has killed everything once it was alone for T1 and the time of the stop.
        const stoppedItself = leased && attached.length === 0 && cutOffForMs >= LEASE.selfStopMs + LEASE.stopMs;
        const running = processes > 0 && !stoppedItself;
        const acknowledges = running && (synchronous === null || attached.filter((name) => synchronous.names.includes('*') || synchronous.names.includes(name)).length >= synchronous.count);
        const followers = ['bravo', 'charlie'].map((name) => follower(name, heard.includes(name) ? (attached.includes(name) ? 0 : cutOffForMs) : null));
        const agent = agentHeard ? { epoch: epochOf(epochOfReport), processesLeft: processes, tombstone } : null;
        const verdict = fence({ synchronous, followers, agent, lease: leased ? LEASE : null, lastContactAt: ago(cutOffForMs), lastServedAt: null });
        if (acknowledges) expect(verdict.fenced).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  it('is not fenced by any word getting older, but for the time since it was cut off', () => {
    fc.assert(
      fc.property(world, fc.integer({ min: 1, max: 9000 }), fc.constantFrom('bravo', 'charlie'), ({ names, attached, heard, cutOffForMs, leased }, older, which) => {
        const facts = (extra: number): Partial<FenceFacts> => ({
          synchronous: parseSynchronousNames(names), lease: leased ? LEASE : null, lastContactAt: ago(cutOffForMs),
          followers: ['bravo', 'charlie'].map((name) => follower(name, heard.includes(name) ? (attached.includes(name) ? 0 : cutOffForMs) : null, name === which ? 100 + extra : 100)),
        });
        if (!fence(facts(0)).fenced) expect(fence(facts(older)).fenced).toBe(false);
      }),
    );
  });
});
