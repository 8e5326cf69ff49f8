import { describe, expect, it } from 'vitest';
import { judgeFollow, type FollowFacts } from '../../../domain/cluster/follow.ts';
import { history, lsn } from './builders.ts';

const NODE: FollowFacts['node'] = { name: 'charlie', systemIdentifier: '7311', history: history(1), positionLsn: lsn('0/3000000'), destructiveStep: null, upstream: 'alfa', streaming: false };
const TARGET: FollowFacts['target'] = { name: 'bravo', systemIdentifier: '7311', history: history(2, [1, '0/3000000']), positionLsn: lsn('0/4000000'), upstreams: [], slotReady: true };
const judge = (node: Partial<FollowFacts['node']> = {}, target: Partial<FollowFacts['target']> = {}) => judgeFollow({ node: { ...NODE, ...node }, target: { ...TARGET, ...target } });

describe('following another node', () => {
  it('is a change of upstream up to the fork', () => {
    expect(judge()).toMatchObject({ action: 'repoint', by: ['F1', 'F2'] });
    expect(judge({}, { history: history(1), positionLsn: lsn('0/3000000') }).action).toBe('repoint');
  });

  it('HA37 is a rejoin past the fork, on a fork of its own, or of another system', () => {
    expect(judge({ positionLsn: lsn('0/3000001') })).toMatchObject({ action: 'rejoin', rule: 'forked-before-its-position' });
    expect(judge({ history: history(2, [1, '0/3000060']), positionLsn: lsn('0/2000000') }).action).toBe('rejoin');
    expect(judge({ history: history(3, [1, '0/1000000']) }).action).toBe('rejoin');
    expect(judge({ systemIdentifier: '9' })).toMatchObject({ action: 'rejoin', rule: 'other-system' });
  });

  it('HA37 is refused to a node that has more than the target on the same timeline', () => {
    expect(judge({}, { history: history(1), positionLsn: lsn('0/2FFFFFF') })).toMatchObject({ action: 'refuse', rule: 'ahead-of-target' });
  });

  it('HA39 is refused in a circle', () => {
    expect(judge({}, { name: 'charlie' })).toMatchObject({ action: 'refuse', rule: 'would-loop' });
    expect(judge({}, { upstreams: ['delta', 'charlie'] })).toMatchObject({ action: 'refuse', rule: 'would-loop' });
  });

  it('HA21 is refused to a half rewritten node, and without a slot', () => {
    expect(judge({ destructiveStep: 'rejoin/7' })).toMatchObject({ action: 'refuse', rule: 'destructive-step-pending' });
    expect(judge({}, { slotReady: false })).toMatchObject({ action: 'refuse', rule: 'slot-missing' });
  });

  it('is nothing to do for one that streams from it already', () => {
    expect(judge({ upstream: 'bravo', streaming: true }).action).toBe('nothing-to-do');
    expect(judge({ upstream: 'bravo', streaming: false }).action).toBe('repoint');
  });
});
