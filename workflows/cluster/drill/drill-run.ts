import { setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';

import type { ProbeStatus } from '../../../domain/cluster/drill/probe-counter.ts';
import { KIND_ATTRIBUTE, PHASE_ATTRIBUTE, probeStatusSignal, STATE_ATTRIBUTE, SUBJECT_ATTRIBUTE } from '../../messages.ts';

/** A drill as its operator sees it: the steps it has taken, and what the probe says. */
export class DrillRun {
  status: ProbeStatus | undefined;
  readonly notes: string[] = [];
  readonly #title: string;
  readonly #steps: string[] = [];

  constructor(cluster: string, kind: string, operation: string) {
    this.#title = `Drill ${operation}: ${kind} on cluster ${cluster}`;
    upsertSearchAttributes([{ key: KIND_ATTRIBUTE, value: 'drill' }, { key: SUBJECT_ATTRIBUTE, value: cluster }, { key: STATE_ATTRIBUTE, value: 'running' }]);
    setHandler(probeStatusSignal, (status) => {
      this.status = status;
      this.#show();
    }, { description: 'Internal: what the probe has seen.' });
    this.#show();
  }

  step(words: string): void {
    this.#steps.push(words);
    upsertSearchAttributes([{ key: PHASE_ATTRIBUTE, value: words }]);
    this.#show();
  }

  end(state: 'completed' | 'failed', words: string): void {
    upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: state }]);
    this.step(words);
  }

  #show(): void {
    const { status } = this;
    const seen = status === undefined ? 'The probe has not begun.' : `${status.acked} writes acknowledged, last by ${status.node ?? 'nobody'} on timeline ${status.timeline ?? '?'}; ${status.errors} errors; longest silence ${Math.round(status.longestSilenceMs)} ms.`;
    setCurrentDetails([`**${this.#title}**`, '', ...this.#steps.map((words, index) => `${index + 1}. ${words}`), '', seen].join('\n'));
  }
}
