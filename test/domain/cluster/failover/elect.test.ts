import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elect, type Candidate, type Election, type ElectionQuestion, type LostPrimary } from '../../../../domain/cluster/failover/elect.ts';
import type { NodeDeclaration } from '../../../../domain/cluster/node.ts';
import type { AgentReport, ServerState } from '../../../../domain/cluster/node-facts.ts';
import { parseSynchronousNames } from '../../../../domain/cluster/synchronous/names.ts';
import { control, declaration, FAILED, history, lsn, lsnAt, NOW, receiver, report, said, server } from '../builders.ts';
import { hasReached } from '../../../../domain/lsn.ts';

const LOST: LostPrimary = { name: 'alfa', systemIdentifier: '7311', major: 15, history: history(1), writeLsn: lsn('0/3000100'), acknowledgedLsn: null, synchronous: null };

const candidate = (name: string, at: string | Partial<ServerState>, rest: { declared?: Partial<NodeDeclaration>; reported?: Partial<AgentReport>; history?: Candidate['history']; ageMs?: number } = {}): Candidate => ({
  declaration: declaration(name, rest.declared),
  report: said(name, report(name, { server: { ok: server(typeof at === 'string' ? { receiveLsn: lsn(at), replayLsn: lsn(at) } : at) }, ...rest.reported }), rest.ageMs ?? 100),
  history: rest.history === undefined ? history(1) : rest.history,
});

const hold = (candidates: readonly Candidate[], rest: Partial<ElectionQuestion> = {}, lost: Partial<LostPrimary> = {}): Election =>
  elect({ lost: { ...LOST, ...lost }, candidates, maxLossBytes: null, named: null, acceptLoss: false, freshMs: 3000, now: NOW, ...rest });
const ruleOf = (one: Candidate, rest: Partial<ElectionQuestion> = {}): string | undefined => hold([one], rest).excluded[0]?.rule;
const ANY_1 = parseSynchronousNames('ANY 1 (bravo, charlie)');

describe('the winner', () => {
  it('HA35 is the furthest, then the one of higher priority, then of the first name', () => {
    expect(hold([candidate('bravo', '0/3000000'), candidate('charlie', '0/3000080', { declared: { priority: 1 } })]).winner?.node).toBe('charlie');
    expect(hold([candidate('bravo', '0/3000000'), candidate('charlie', '0/3000000', { declared: { priority: 101 } })]).winner?.node).toBe('charlie');
    expect(hold([candidate('charlie', '0/3000000'), candidate('bravo', '0/3000000')]).winner?.node).toBe('bravo');
  });

  it('HA36 is measured by the greater of received and replayed', () => {
    expect(hold([candidate('bravo', '0/3000000'), candidate('charlie', { receiveLsn: null, replayLsn: lsn('0/3000080') })]).winner?.node).toBe('charlie');
  });

  it('HA35 fetches the rest of the log from a better node that may not be promoted', () => {
    const better = candidate('charlie', '0/3000080', { declared: { priority: 0 } });
    expect(hold([candidate('bravo', '0/3000000'), better]).winner).toMatchObject({ node: 'bravo', fetch: { from: 'charlie', toLsn: '0/3000080' }, lossBytes: 0x80 });
    expect(hold([candidate('bravo', '0/3000080'), better]).winner).toMatchObject({ node: 'bravo', fetch: null });
  });

  it('fetches nothing from a node whose word is stale, or that is on a fork', () => {
    const bravo = candidate('bravo', '0/3000000');
    expect(hold([bravo, candidate('charlie', '0/3000080', { ageMs: 3001 })]).winner).toMatchObject({ node: 'bravo', fetch: null });
    expect(hold([bravo, candidate('charlie', '0/3000080', { history: history(2, [1, '0/2000000']) })]).winner).toMatchObject({ node: 'bravo', fetch: null });
    expect(hold([bravo, candidate('charlie', '0/3000080', { reported: { destructiveStep: 'rejoin/7' } })]).winner).toMatchObject({ node: 'bravo', fetch: null });
  });

  it('may be named by an operator, who lets a low priority or a delay pass, and nothing worse', () => {
    const all = [candidate('bravo', '0/3000080'), candidate('charlie', '0/3000000', { declared: { priority: 0 } })];
    expect(hold(all, { named: 'charlie' })).toMatchObject({ winner: { node: 'charlie', fetch: { from: 'bravo' } }, excluded: [{ node: 'bravo', rule: 'not-named' }] });
    expect(hold([candidate('bravo', '0/3000080', { reported: { destructiveStep: 'rejoin/7' } })], { named: 'bravo' })).toMatchObject({ winner: null, excluded: [{ rule: 'destructive-step-pending' }] });
  });
});

describe('a node that may not be promoted', () => {
  const WELL = '0/3000000';

  it('HA62 is listed with the rule that excludes it and what would let it in', () => {
    const { winner, excluded } = hold([candidate('bravo', WELL, { declared: { priority: 0 } }), candidate('charlie', WELL, { reported: { destructiveStep: 'rejoin/7' } }), candidate('delta', WELL, { declared: { role: 'witness' } })]);
    expect(winner).toBeNull();
    expect(excluded).toEqual([
      { node: 'bravo', rule: 'priority-zero', by: ['R55'], reason: 'Its priority is 0.', override: 'name the node' },
      { node: 'charlie', rule: 'destructive-step-pending', by: ['HA21', 'D5'], reason: 'rejoin/7 began to rewrite its data directory and did not end.', override: null },
      { node: 'delta', rule: 'witness', by: ['HA10'], reason: 'A witness holds no data.', override: null },
    ]);
  });

  it.each<[string, string, Candidate]>([
    ['the lost primary itself', 'lost-primary', candidate('alfa', WELL)],
    ['HA28 one that is kept behind', 'delayed', candidate('bravo', WELL, { declared: { applyDelayMs: 60_000 } })],
    ['HA28 one whose server applies with a delay', 'delayed', candidate('bravo', { settings: { recovery_min_apply_delay: { value: '60000', unit: 'ms' } } })],
    ['one whose word is stale', 'no-fresh-report', candidate('bravo', WELL, { ageMs: 3001 })],
    ['one that said nothing', 'no-fresh-report', { ...candidate('bravo', WELL), report: null }],
    ['one of another system', 'foreign-system', candidate('bravo', WELL, { reported: { control: { ok: control({ systemIdentifier: '9' }) } } })],
    ['one whose pg_control is unknown', 'foreign-system', candidate('bravo', WELL, { reported: { control: FAILED } })],
    ['one whose server does not answer', 'not-in-recovery', candidate('bravo', WELL, { reported: { server: FAILED } })],
    ['HA15 one that somebody promoted', 'not-in-recovery', candidate('bravo', { inRecovery: false })],
    ['one of another major', 'other-major', candidate('bravo', { major: 16 })],
    ['one that is not promoted by a statement', 'too-old-to-promote', candidate('bravo', { major: 11 })],
    ['HA2 one whose receiver is attached', 'receiver-attached', candidate('bravo', { receiver: receiver() })],
    ['HA27 one whose replay is paused before 13', 'replay-paused', candidate('bravo', { replayPaused: true, major: 12 })],
    ['HA15 one on a fork', 'forked', candidate('bravo', WELL, { history: history(2, [1, '0/2000000']) })],
    ['one whose history is unknown', 'forked', candidate('bravo', WELL, { history: null })],
  ])('is %s', (_, rule, one) => {
    expect(hold([one], {}, { major: { 'replay-paused': 12, 'too-old-to-promote': 11 }[rule] ?? 15 }).excluded[0]?.rule).toBe(rule);
  });

  it('is not one whose replay is paused from 13 on, nor one that is behind on the line of the primary', () => {
    expect(ruleOf(candidate('bravo', { replayPaused: true }))).toBeUndefined();
    expect(hold([candidate('bravo', WELL)], {}, { history: history(2, [1, '0/3000000']) }).winner?.node).toBe('bravo');
  });
});

describe('loss', () => {
  it('HA33 blocks when those that can be read need not include one that acknowledged', () => {
    const alone = [candidate('bravo', '0/3000100'), { ...candidate('charlie', '0/3000000'), report: null }];
    expect(hold(alone, {}, { synchronous: ANY_1 })).toMatchObject({ winner: null, quorum: { total: 2, written: 1, readable: 1, holds: false }, blocked: { rule: 'quorum-not-readable', by: ['HA33', 'D5'] } });
    expect(hold(alone, { acceptLoss: true }, { synchronous: ANY_1 }).winner?.node).toBe('bravo');
    expect(hold(alone, {}, { synchronous: parseSynchronousNames('ANY 2 (bravo, charlie)') }).winner?.node).toBe('bravo');
  });

  it('HA2 reads nothing off a standby that may still acknowledge', () => {
    const attached = candidate('charlie', { receiver: receiver() });
    expect(hold([candidate('bravo', '0/3000100'), attached], {}, { synchronous: ANY_1 })).toMatchObject({ winner: null, quorum: { readable: 1, holds: false } });
  });

  it('HA33 blocks when nobody has what the primary knew to be acknowledged', () => {
    const both = [candidate('bravo', '0/3000000'), candidate('charlie', '0/3000000')];
    expect(hold(both, {}, { synchronous: ANY_1, acknowledgedLsn: lsn('0/3000080') }).blocked).toMatchObject({ rule: 'behind-acknowledged', reason: '0/3000080 was acknowledged, and the furthest readable node, bravo, has 0/3000000.' });
    expect(hold(both, {}, { synchronous: ANY_1, acknowledgedLsn: lsn('0/3000000') }).winner?.node).toBe('bravo');
  });

  it('HA34 is shown in bytes and bounded in asynchronous mode', () => {
    const one = [candidate('bravo', '0/3000000')];
    expect(hold(one, { maxLossBytes: 0x100 }).winner).toMatchObject({ lossBytes: 0x100 });
    expect(hold(one, { maxLossBytes: 0xff }).blocked).toMatchObject({ rule: 'loss-over-limit', by: ['HA34', 'R60'] });
    expect(hold(one, { maxLossBytes: 0xff, acceptLoss: true }).winner?.node).toBe('bravo');
  });

  it('HA33 never makes a primary without what a synchronous set acknowledged', () => {
    const names = fc.constantFrom('ANY 1 (bravo, charlie)', 'ANY 2 (bravo, charlie, delta)', 'ANY 1 (bravo, charlie, delta)', 'FIRST 1 (bravo, charlie)', 'FIRST 2 (bravo, charlie, delta)', '1 (*)');
    const node = fc.record({ at: fc.integer({ min: 1, max: 200 }), silent: fc.boolean(), priority: fc.constantFrom(0, 1, 2), attached: fc.boolean(), forked: fc.boolean(), ageMs: fc.constantFrom(10, 2999, 3001), pending: fc.boolean() });
    fc.assert(
      fc.property(names, fc.tuple(node, node, node), fc.option(fc.constantFrom('bravo', 'charlie', 'delta')), (text, nodes, named) => {
        const synchronous = parseSynchronousNames(text)!;
        const all = ['bravo', 'charlie', 'delta'].map((name, index) => ({ name, ...nodes[index]! }));
        const ackers = all.filter(({ name }) => synchronous.names.includes('*') || synchronous.names.includes(name));
        // Any `count` of the list may have acknowledged: the most that can be is what the count-th furthest has. A fork has it up to where it forked.
        const acknowledged = ackers.map(({ at }) => at).toSorted((left, right) => right - left)[synchronous.count - 1]!;
        const candidates = all.map(({ name, at, silent, priority, attached, forked, ageMs, pending }) => {
          const built = candidate(name, { receiveLsn: lsnAt(at), replayLsn: lsnAt(at), receiver: attached ? receiver() : null }, { declared: { priority }, reported: { destructiveStep: pending ? 'rejoin/1' : null }, ageMs, history: forked ? history(2, [1, '0/0']) : history(1) });
          return silent ? { ...built, report: null } : built;
        });
        const { winner } = hold(candidates, { named }, { synchronous });
        if (winner !== null) expect(hasReached(winner.fetch?.toLsn ?? winner.positionLsn, lsnAt(acknowledged))).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});
