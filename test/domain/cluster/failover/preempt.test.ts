import { describe, expect, it } from 'vitest';

import { judgePreemption, type LockHolder } from '../../../../domain/cluster/failover/preempt.ts';

const window = { budgetMs: 10_000, silenceMs: 5000 };
const judge = (holder: Partial<LockHolder>) => judgePreemption({ kind: 'clone', operation: 'op1', purpose: 'clone n3', underWay: true, ...holder }, window);

describe('whoever has the cluster when a failover needs it', () => {
  it('HA59 gives way, and has a moment to take itself back', () => {
    for (const kind of ['clone', 'rejoin', 'follow', null]) expect(judge({ kind })).toMatchObject({ action: 'ask', withinMs: 2000 });
    expect(judge({ underWay: false })).toMatchObject({ action: 'take', rule: 'holder-is-gone' });
    expect(judge({ kind: 'drill' })).toMatchObject({ action: 'take', rule: 'drill-looks-on' });
  });

  it('HA59 does not give way when it is a failover that decides already', () => {
    expect(judge({ kind: 'failover' })).toMatchObject({ action: 'refuse', rule: 'other-failover' });
    expect(judge({ kind: 'failover', underWay: false })).toMatchObject({ action: 'take' });
  });

  it('HA59 HA25 has the time of its own dead-man rule when it holds writes back, whether or not its workflow runs', () => {
    for (const underWay of [true, false]) expect(judge({ kind: 'switchover', underWay })).toMatchObject({ action: 'ask', rule: 'window-ends-itself', withinMs: 17_000 });
  });
});
