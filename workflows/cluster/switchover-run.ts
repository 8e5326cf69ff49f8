import { setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';

import type { Epoch } from '../../domain/cluster/epoch.ts';
import { mayAbort, type RunEnd, type RunEvent, type RunPhase } from '../../domain/cluster/run/machine.ts';
import { type SwitchoverProgress, switchoverMarkdown, windowDurations } from '../../domain/cluster/switchover/progress.ts';
import type { SwitchoverPlan } from '../../domain/cluster/switchover/result.ts';
import { eventsOfWindow, type WindowResult } from '../../domain/cluster/switchover/window-result.ts';
import type { ErrorReport } from '../../domain/errors.ts';
import { failWith } from '../failure.ts';
import { abortUpdate, KIND_ATTRIBUTE, type Order, PHASE_ATTRIBUTE, type Receipt, STATE_ATTRIBUTE, SUBJECT_ATTRIBUTE, switchoverProgressQuery } from '../messages.ts';

/** A switchover as its operator sees it: its journal, the order to abort, and the page of the workflow. */
export class SwitchoverRun {
  #progress: SwitchoverProgress;
  #unwritten: (RunEvent & { readonly facts: unknown })[] = [];
  #abortOrdered = false;
  /** Called when it is called off while the window is open. */
  onAbort: () => void = () => undefined;
  plan: SwitchoverPlan | null = null;

  constructor(operation: string, cluster: string, tell: (given: Order) => Promise<void>) {
    this.#progress = { operation, cluster, from: null, to: null, epoch: null, events: [], window: null, problems: [], end: null };
    upsertSearchAttributes([{ key: KIND_ATTRIBUTE, value: 'switchover' }, { key: SUBJECT_ATTRIBUTE, value: cluster }, { key: STATE_ATTRIBUTE, value: 'running' }]);
    setHandler(switchoverProgressQuery, () => this.#progress, { description: 'Where the switchover stands, as one JSON object.' });
    setHandler(abortUpdate, async (given): Promise<Receipt> => {
      await tell(given);
      this.abort();
      return { accepted: true, order: 'abort', runId: operation, state: 'running' };
    }, { description: 'Takes everything back; only before the epoch is claimed.', validator: (_order) => this.#refuseLate(cluster) });
    this.change({});
  }

  get events(): readonly RunEvent[] {
    return this.#progress.events;
  }

  get progress(): SwitchoverProgress {
    return this.#progress;
  }

  get abortOrdered(): boolean {
    return this.#abortOrdered;
  }

  abort(): void {
    this.#abortOrdered = true;
    this.onAbort();
  }

  change(change: Partial<SwitchoverProgress>): void {
    this.#progress = { ...this.#progress, ...change };
    setCurrentDetails(switchoverMarkdown(this.#progress));
  }

  /** Remembers it at once; the catalog gets it with the next {@link takeUnwritten}. */
  note(step: string, phase: RunPhase, detail: { readonly ms?: number; readonly error?: ErrorReport } = {}): void {
    this.#unwritten.push({ step, phase, facts: detail });
    const problems = detail.error === undefined ? this.#progress.problems : [...this.#progress.problems, { step, error: detail.error }];
    this.change({ problems, events: [...this.#progress.events, { step, phase, ms: detail.ms ?? null }] });
    if (phase === 'intent') upsertSearchAttributes([{ key: PHASE_ATTRIBUTE, value: step }]);
  }

  /** What a window has done, which its agent has written down itself as far as it could. */
  noteWindow(result: WindowResult): void {
    const durations = windowDurations(result);
    const failed = result.outcome === 'switched' ? null : result.reason;
    for (const { step, phase } of eventsOfWindow(result)) this.note(step, phase, { ms: phase === 'done' ? durations.get(step as never) : undefined, error: phase === 'failed' ? (failed ?? undefined) : undefined });
    this.change({ window: result });
  }

  takeUnwritten(): readonly (RunEvent & { readonly facts: unknown })[] {
    return this.#unwritten.splice(0);
  }

  ended(end: RunEnd): void {
    this.change({ end });
    upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: end === 'ABORTED' ? 'aborted' : 'completed' }]);
  }

  epoch(): Epoch {
    return this.#progress.epoch as Epoch;
  }

  #refuseLate(cluster: string): void {
    if (this.#progress.end === null && mayAbort(this.events)) return;
    throw failWith('not_now', `the switchover of cluster "${cluster}" cannot be called off any more`, { detail: 'The epoch is claimed: from there it only goes forward.', hint: 'Switch back when it is over.' });
  }
}
