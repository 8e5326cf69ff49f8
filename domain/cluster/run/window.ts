/** The dead-man rule of the write-blocked window (C5): the agent that has stopped the primary gives it back when nobody leads it on. */
import type { RuleResult } from '../citation.ts';

export interface WindowState {
  /** Of the epoch: `asked` when no answer has come. */
  readonly claim: 'not-asked' | 'asked' | 'granted' | 'refused';
  /** Since the drain began, on the agent's monotonic clock. */
  readonly elapsedMs: number;
  readonly sinceOrchestratorMs: number;
}

export interface WindowLimits {
  readonly budgetMs: number;
  readonly silenceMs: number;
}

export interface WindowDecision extends RuleResult {
  readonly action: 'go-on' | 'take-back' | 'settle-claim';
}

export function judgeWindow({ claim, elapsedMs, sinceOrchestratorMs }: WindowState, { budgetMs, silenceMs }: WindowLimits): WindowDecision {
  const late = elapsedMs >= budgetMs;
  const alone = sinceOrchestratorMs >= silenceMs;
  switch (claim) {
    case 'granted':
      return { action: 'go-on', rule: 'past-the-point-of-no-return', by: ['C5'], reason: 'The epoch is claimed: only forward.' };
    case 'refused':
      return { action: 'take-back', rule: 'claim-refused', by: ['C5', 'D6'], reason: 'Another operation has the epoch.' };
    case 'asked':
      // To start the old primary now could make two: the catalog may have granted what we did not hear.
      return { action: 'settle-claim', rule: 'claim-unknown', by: ['C5', 'HA1'], reason: 'The epoch was asked for and no answer came; it is asked again until one does.' };
    case 'not-asked':
      if (late) return { action: 'take-back', rule: 'budget-spent', by: ['C5', 'HA25'], reason: `Writes have been held for ${elapsedMs} ms; the budget is ${budgetMs} ms.` };
      if (alone) return { action: 'take-back', rule: 'orchestrator-silent', by: ['C5', 'HA25'], reason: `The orchestrator was not heard for ${sinceOrchestratorMs} ms; the limit is ${silenceMs} ms.` };
      return { action: 'go-on', rule: 'in-time', by: ['C5'], reason: `${budgetMs - elapsedMs} ms of the budget are left.` };
  }
}
