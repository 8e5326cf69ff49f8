import type { AgentJournal, OpenWindow } from '../../../agent/agent-journal.ts';
import { keepStepOver } from '../../../catalog/cluster/steps.ts';
import type { RunPhase } from '../../../domain/cluster/run/machine.ts';
import type { WindowStep, WindowTimes } from '../../../domain/cluster/switchover/window-result.ts';
import type { Session } from '../../../postgres/connection.ts';
import type { WindowOrder } from './window-order.ts';

/** Measures a window on a monotonic clock, and writes it down without making it wait. */
export interface WindowDiary {
  /** Writes are held back from now on. */
  open(): void;
  readonly doing: WindowStep;
  begin(step: WindowStep): void;
  done(step: WindowStep): void;
  failed(facts: unknown): void;
  /** Since {@link open}. */
  elapsedMs(): number;
  times(): WindowTimes;
  /** On disk when it resolves: what the next process of this agent will find. */
  keep(step: OpenWindow['step']): Promise<void>;
  /** Resolves when the catalog has every row, or cannot be reached: the result of the step says the same. */
  flush(): Promise<void>;
}

interface Pages {
  readonly session: Session;
  readonly journal: AgentJournal;
  readonly order: WindowOrder;
}

export function openDiary({ session, journal, order }: Pages): WindowDiary {
  const times: Partial<Record<WindowStep, number>> = {};
  let openedAt = performance.now();
  let doing: WindowStep = 'drain';
  let rows = Promise.resolve();
  const write = (step: string, phase: RunPhase, facts: unknown = {}): void => {
    rows = rows.then(() => keepStepOver(session, order.operation, { step, phase, facts })).catch(() => undefined);
  };
  const elapsedMs = (): number => Math.round((performance.now() - openedAt) * 10) / 10;
  return {
    open: () => void (openedAt = performance.now()),
    get doing() {
      return doing;
    },
    begin: (step) => {
      doing = step;
      write(step, 'intent');
    },
    done: (step) => {
      times[step] = elapsedMs();
      write(step, 'done', { ms: times[step] });
    },
    failed: (facts) => write(doing, 'failed', facts),
    elapsedMs,
    times: () => ({ ...times }),
    keep: (step) => journal.keep({ window: { operation: order.operation, epoch: order.epoch, candidate: order.candidate, step } }),
    flush: () => rows,
  };
}
