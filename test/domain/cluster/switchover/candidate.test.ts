import { describe, expect, it } from 'vitest';
import { chooseCandidate, type CandidateChoice, type CandidateQuestion } from '../../../../domain/cluster/switchover/candidate.ts';
import type { NodeDeclaration } from '../../../../domain/cluster/node.ts';
import type { AgentReport, ServerState } from '../../../../domain/cluster/node-facts.ts';
import { declaration, FAILED, lsn, NOW, report, said, sender, server } from '../builders.ts';

const standby = (name: string, changed: Partial<ServerState> = {}, rest: { declared?: Partial<NodeDeclaration>; reported?: Partial<AgentReport>; ageMs?: number } = {}): CandidateQuestion['standbys'][number] => ({
  declaration: declaration(name, rest.declared), report: said(name, report(name, { server: { ok: server(changed) }, ...rest.reported }), rest.ageMs ?? 100),
});
const choose = (...standbys: CandidateQuestion['standbys'][number][]): CandidateChoice =>
  chooseCandidate({ primary: { name: 'alfa', writeLsn: lsn('0/3000100'), timeline: 1, senders: [sender('bravo'), sender('charlie'), sender('echo', { state: 'catchup' })] }, standbys, lagBytes: 0x1000, freshMs: 3000, now: NOW });
const BEHIND = { receiveLsn: lsn('0/2FFFF00'), replayLsn: lsn('0/2FFFF00') };

describe('the candidate of a switchover', () => {
  it('is the one of highest priority, then the closest, then the first name', () => {
    expect(choose(standby('bravo'), standby('charlie', BEHIND, { declared: { priority: 101 } })).candidate).toBe('charlie');
    expect(choose(standby('bravo', BEHIND), standby('charlie')).candidate).toBe('charlie');
    expect(choose(standby('charlie'), standby('bravo')).candidate).toBe('bravo');
  });

  it.each<[string, CandidateQuestion['standbys'][number]]>([
    ['witness', standby('bravo', {}, { declared: { role: 'witness' } })],
    ['priority-zero', standby('bravo', {}, { declared: { priority: 0 } })],
    ['no-fresh-report', standby('bravo', {}, { ageMs: 3001 })],
    ['no-fresh-report', { ...standby('bravo'), report: null }],
    ['destructive-step-pending', standby('bravo', {}, { reported: { destructiveStep: 'rejoin/7' } })],
    ['no-answer', standby('bravo', {}, { reported: { server: FAILED } })],
    ['delayed', standby('bravo', {}, { declared: { applyDelayMs: 5 } })],
    ['delayed', standby('bravo', { settings: { recovery_min_apply_delay: { value: '5', unit: 'ms' } } })],
    ['other-line', standby('bravo', { timeline: 2 })],
    ['other-line', standby('bravo', { inRecovery: false })],
    ['replay-paused', standby('bravo', { replayPaused: true })],
    ['not-streaming-directly', standby('delta')],
    ['not-streaming-directly', standby('echo')],
    ['lagging', standby('bravo', { receiveLsn: lsn('0/2FFF0FF'), replayLsn: lsn('0/2FFF0FF') })],
  ])('is none that is excluded by %s', (rule, one) => {
    expect(choose(one)).toMatchObject({ candidate: null, excluded: [{ node: one.declaration.name, rule }] });
  });
});
