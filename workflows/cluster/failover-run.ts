import { condition, setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';

import type { FailoverOrders, Promoted, Standstill } from '../../domain/cluster/failover/incident.ts';
import { failoverMarkdown, type FailoverProgress } from '../../domain/cluster/failover/progress.ts';
import { mayAbort, type RunPhase } from '../../domain/cluster/run/machine.ts';
import { failWith } from '../failure.ts';
import { abortUpdate, acceptLossUpdate, consentUpdate, failoverProgressQuery, KIND_ATTRIBUTE, PHASE_ATTRIBUTE, STATE_ATTRIBUTE, SUBJECT_ATTRIBUTE, type Receipt } from '../messages.ts';

/** A failover as its operator sees it: it answers questions, takes orders while it waits, and keeps the page of the workflow current. */
export class FailoverRun {
  #progress: FailoverProgress;
  #orders: FailoverOrders;
  #unwritten: { step: string; phase: RunPhase; facts?: unknown }[] = [];
  #abortedBy: string | null = null;
  #changes = 0;
  readonly #tell: (event: string, by: string, detail: unknown) => Promise<void>;

  constructor(operation: string, cluster: string, given: FailoverOrders & { readonly tell: (event: string, by: string, detail: unknown) => Promise<void> }) {
    this.#orders = { consentBy: given.consentBy, acceptLoss: given.acceptLoss };
    this.#tell = given.tell;
    this.#progress = { operation, cluster, state: 'running', from: null, epoch: null, classification: null, events: [], standstill: null, promoted: null, end: null, notes: [] };
    upsertSearchAttributes([{ key: KIND_ATTRIBUTE, value: 'failover' }, { key: SUBJECT_ATTRIBUTE, value: cluster }, { key: STATE_ATTRIBUTE, value: 'running' }]);
    setHandler(failoverProgressQuery, () => this.#progress, { description: 'Where the failover stands, as one JSON object.' });
    this.#takeOrders(cluster);
    this.change({});
  }

  get orders(): FailoverOrders {
    return this.#orders;
  }

  get abortedBy(): string | null {
    return this.#abortedBy;
  }

  get progress(): FailoverProgress {
    return this.#progress;
  }

  change(change: Partial<FailoverProgress>): void {
    this.#progress = { ...this.#progress, ...change };
    setCurrentDetails(failoverMarkdown(this.#progress));
    if (change.state !== undefined) upsertSearchAttributes([{ key: PHASE_ATTRIBUTE, value: change.state }]);
  }

  /** Remembers it at once; the catalog gets it with the next {@link unwritten}. */
  note(step: string, phase: RunPhase, facts?: unknown): void {
    this.#unwritten.push({ step, phase, ...(facts === undefined ? {} : { facts }) });
    this.change({ events: [...this.#progress.events, { step, phase }] });
  }

  /** What the journal in the catalog does not have yet. */
  takeUnwritten(): { step: string; phase: RunPhase; facts?: unknown }[] {
    return this.#unwritten.splice(0);
  }

  remark(text: string): void {
    if (!this.#progress.notes.includes(text)) this.change({ notes: [...this.#progress.notes, text] });
  }

  waits(standstill: Standstill): void {
    this.change({ state: 'waiting', standstill });
    upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: 'waiting' }]);
  }

  promoted(promoted: Promoted): void {
    this.change({ state: 'promoted', standstill: null, promoted });
    upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: 'running' }]);
  }

  /** Until an order comes, or so long. */
  async ordered(ms: number): Promise<void> {
    const before = this.#changes;
    await condition(() => this.#changes !== before, ms);
  }

  #takeOrders(cluster: string): void {
    const receipt = (order: string): Receipt => ({ accepted: true, order, runId: this.#progress.operation, state: this.#progress.state });
    const stillOpen = (order: string): void => {
      if (this.#progress.promoted !== null || !mayAbort(this.#progress.events)) throw failWith('not_now', `the failover of cluster "${cluster}" takes no ${order} any more`, { detail: 'A node is promoted already.', hint: 'Nothing is to be done.' });
    };
    const taken = async (order: string, by: string, detail: unknown): Promise<Receipt> => {
      this.#changes += 1;
      await this.#tell(`${order}-${this.#changes}`, by, detail);
      return receipt(order);
    };
    setHandler(abortUpdate, async ({ by, note }) => {
      this.#abortedBy = by;
      return await taken('abort', by, note === undefined ? {} : { note });
    }, { description: 'Takes everything back; only before a node is promoted.', validator: (_order) => stillOpen('order to abort') });
    setHandler(consentUpdate, async ({ by, cluster: typed }) => {
      this.#orders = { ...this.#orders, consentBy: by };
      return await taken('consent', by, { typed });
    }, {
      description: 'Promotes although nothing proves that the old primary has stopped: give your name and, typed, the name of the cluster.',
      validator: ({ cluster: typed }) => {
        stillOpen('consent');
        if (typed !== cluster) throw failWith('input_invalid', `"${String(typed)}" is not the name of the cluster`, { hint: 'Type its name to say that you know which one is meant.' });
      },
    });
    setHandler(acceptLossUpdate, async ({ by, note }) => {
      this.#orders = { ...this.#orders, acceptLoss: true };
      return await taken('accept-loss', by, note === undefined ? {} : { note });
    }, { description: 'Promotes although acknowledged commits may be lost.', validator: (_order) => stillOpen('acceptance of a loss') });
  }
}
