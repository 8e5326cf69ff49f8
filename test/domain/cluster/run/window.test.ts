import { describe, expect, it } from 'vitest';
import { judgeWindow, type WindowState } from '../../../../domain/cluster/run/window.ts';

const judge = (state: Partial<WindowState>) => judgeWindow({ claim: 'not-asked', elapsedMs: 100, sinceOrchestratorMs: 100, ...state }, { budgetMs: 10_000, silenceMs: 3000 });

describe('the window in which nobody can write', () => {
  it('goes on in time', () => {
    expect(judge({ elapsedMs: 9999, sinceOrchestratorMs: 2999 })).toMatchObject({ action: 'go-on', reason: '1 ms of the budget are left.' });
  });

  it('HA25 is taken back when its budget is spent, or nobody leads it on', () => {
    expect(judge({ elapsedMs: 10_000 })).toMatchObject({ action: 'take-back', rule: 'budget-spent' });
    expect(judge({ sinceOrchestratorMs: 3000 })).toMatchObject({ action: 'take-back', rule: 'orchestrator-silent' });
    expect(judge({ claim: 'refused' })).toMatchObject({ action: 'take-back', rule: 'claim-refused' });
  });

  it('HA1 is never taken back once the epoch may be claimed, however late it is', () => {
    const late = { elapsedMs: 99_999, sinceOrchestratorMs: 99_999 };
    expect(judge({ ...late, claim: 'asked' })).toMatchObject({ action: 'settle-claim' });
    expect(judge({ ...late, claim: 'granted' })).toMatchObject({ action: 'go-on' });
  });
});
