/** All decisions of a failover together, over worlds that have a truth of their own: a network in two parts, and what can be known from one of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochOf } from '../../../../domain/cluster/epoch.ts';
import { classify, type PrimaryView } from '../../../../domain/cluster/failover/classify.ts';
import { decidePromotion, type PromotionDecision } from '../../../../domain/cluster/failover/decide.ts';
import { elect } from '../../../../domain/cluster/failover/elect.ts';
import { judgeFence, type FenceFacts } from '../../../../domain/cluster/failover/fence.ts';
import { judgeGates } from '../../../../domain/cluster/failover/gates.ts';
import type { ProcessFacts } from '../../../../domain/cluster/node-facts.ts';
import { mayAcknowledge, parseSynchronousNames } from '../../../../domain/cluster/synchronous/names.ts';
import { hasReached } from '../../../../domain/lsn.ts';
import { ago, declaration, history, lsnAt, NOW, report, said, server, sighting } from '../builders.ts';

const EPOCH = epochOf(2);
const LEASE = { selfStopMs: 3000, stopMs: 1000, marginMs: 500 };
const STANDBYS = ['bravo', 'charlie'] as const;
const PROCESS: Readonly<Record<string, ProcessFacts>> = { running: { postmaster: 'running', children: 6 }, orphans: { postmaster: 'gone', children: 2 }, dead: { postmaster: 'gone', children: 0 }, frozen: { postmaster: 'frozen', children: 6 } };

const world = fc.record({
  names: fc.constantFrom('', 'ANY 1 (bravo, charlie)', 'ANY 2 (bravo, charlie)', 'FIRST 1 (bravo, charlie)', 'charlie', '1 (*)'),
  /** The part that the watcher is in. */
  here: fc.subarray(['alfa', ...STANDBYS, 'witness']),
  process: fc.constantFrom('running', 'orphans', 'dead', 'frozen'),
  /** Whether the agent of the old primary, when it is reached, gets every process killed. */
  killed: fc.boolean(),
  at: fc.record({ bravo: fc.integer({ min: 1, max: 100 }), charlie: fc.integer({ min: 1, max: 100 }) }),
  cutOffForMs: fc.integer({ min: 0, max: 10_000 }),
  leased: fc.boolean(),
  routeClosed: fc.boolean(),
  struckOff: fc.subarray([...STANDBYS, 'witness']),
  watcher: fc.boolean(),
  paused: fc.boolean(),
  forced: fc.boolean(),
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

/** The receivers that are reached have been detached, the others hang on the primary when they are in its part. */
function truth({ names, here, process, killed, cutOffForMs, leased, at, routeClosed }: World) {
  const synchronous = parseSynchronousNames(names);
  const alfaHere = here.includes('alfa');
  const attached = STANDBYS.filter((name) => !alfaHere && !here.includes(name));
  const stoppedItself = leased && !alfaHere && attached.length === 0 && cutOffForMs >= LEASE.selfStopMs + LEASE.stopMs;
  const lives = process !== 'dead' && !stoppedItself && !(alfaHere && killed);
  const ackers = synchronous === null ? [] : STANDBYS.filter((name) => mayAcknowledge(synchronous, name));
  return {
    // Some sessions commit with synchronous_commit = local, as long as a route leads them there.
    acknowledges: lives && (synchronous === null || !routeClosed || ackers.filter((name) => attached.includes(name)).length >= synchronous.count),
    acknowledged: synchronous === null ? null : (ackers.map((name) => at[name]).toSorted((left, right) => right - left)[synchronous.count - 1] ?? 0),
  };
}

function viewOf({ here, process, cutOffForMs, struckOff }: World): PrimaryView {
  const alfaHere = here.includes('alfa');
  const living = { running: 'serving', orphans: 'refused', dead: 'refused', frozen: 'timed-out' } as const;
  const sightings = [...STANDBYS, 'witness'].map((name) => {
    if (!here.includes(name)) return said(name, sighting(), cutOffForMs + 100);
    return said(name, sighting({ answer: alfaHere ? living[process as keyof typeof living] : 'timed-out', receiverAgeMs: name === 'witness' ? null : cutOffForMs, reaches: here }));
  });
  return {
    subject: { name: 'alfa', machine: 'machine-alfa' }, vantagePoints: [...STANDBYS, 'witness'].map((name) => ({ name, machine: `machine-${name}`, struckOffAt: struckOff.includes(name) ? ago(cutOffForMs) : null })),
    sightings, limits: { freshMs: 1000, silenceMs: 2000 }, now: NOW, agent: said('alfa', { process: PROCESS[process]! }, alfaHere ? 100 : cutOffForMs + 100),
  };
}

function decide(it: World): PromotionDecision {
  const { names, here, killed, at, cutOffForMs, leased, routeClosed, watcher, paused, forced } = it;
  const synchronous = parseSynchronousNames(names);
  const classification = classify(viewOf(it));
  const facts: FenceFacts = {
    epoch: EPOCH, agent: here.includes('alfa') ? { epoch: EPOCH, processesLeft: killed ? 0 : PROCESS[it.process]!.children, tombstone: true } : null, poweredOff: null, consent: null, synchronous, routeClosed,
    followers: STANDBYS.map((name) => ({ name, applicationName: name, detachedForMs: said(name, here.includes(name) ? cutOffForMs + 1 : 0, here.includes(name) ? 50 : cutOffForMs + 50) })),
    lease: leased ? LEASE : null, lastContactAt: here.includes('alfa') ? NOW : ago(cutOffForMs), lastServedAt: null, freshMs: 1000, now: NOW,
  };
  const election = elect({
    lost: { name: 'alfa', systemIdentifier: '7311', major: 15, history: history(1), writeLsn: lsnAt(100), acknowledgedLsn: null, synchronous }, maxLossBytes: null, named: null, acceptLoss: false, freshMs: 1000, now: NOW,
    candidates: STANDBYS.map((name) => ({ declaration: declaration(name), history: history(1), report: said(name, report(name, { server: { ok: server({ receiveLsn: lsnAt(at[name]), replayLsn: lsnAt(at[name]) }) } }), here.includes(name) ? 50 : cutOffForMs + 1001) })),
  });
  const pause = paused ? { by: 'ada', reason: 'maintenance', at: ago(10), forMs: 60_000 } : null;
  const record = { pause, resumedAt: null, lastHealthyAt: ago(cutOffForMs), redundantAtLoss: true, otherOperation: null, roleChanges: [] };
  const gates = watcher ? judgeGates({ policy: { automatic: true, coolDownMs: 0, flapLimit: { count: 2, withinMs: 1000 } }, record, classification, now: NOW }) : null;
  return decidePromotion({ epoch: EPOCH, highestEpoch: EPOCH, writableElsewhere: [], classification, gates, forced: !watcher && forced, fence: judgeFence(facts), election });
}

describe('a failover as a whole', () => {
  it('HA1 HA33 R56 never promotes beside a primary that may acknowledge, behind what was acknowledged, or while paused', () => {
    const outcomes = { promote: 0, wait: 0, abort: 0, alone: 0 };
    fc.assert(
      fc.property(world, (it) => {
        const decision = decide(it);
        outcomes[decision.action] += 1;
        if (decision.action !== 'promote') return;
        const { acknowledges, acknowledged } = truth(it);
        if (it.watcher) outcomes.alone += 1;
        expect(acknowledges).toBe(false);
        expect(it.watcher && it.paused).toBe(false);
        expect(hasReached(decision.winner.fetch?.toLsn ?? decision.winner.positionLsn, lsnAt(acknowledged ?? 0))).toBe(true);
      }),
      { numRuns: 5000 },
    );
    // The property would hold of a watcher that never does anything.
    expect(outcomes).toMatchObject({ promote: expect.toSatisfy((count: number) => count > 100), wait: expect.toSatisfy((count: number) => count > 100), abort: expect.toSatisfy((count: number) => count > 100), alone: expect.toSatisfy((count: number) => count > 20) });
  });
});
