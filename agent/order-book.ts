import { takesOrder } from '../domain/cluster/epoch.ts';
import { OperationError } from '../domain/errors.ts';
import type { AgentJournal } from './agent-journal.ts';
import type { NodeOrder } from './node-agent.ts';

/** One order at a time; who gives the same order again gets the answer of the one that runs. */
export class OrderBook {
  readonly #node: string;
  readonly #journal: AgentJournal;
  readonly #running = new Map<string, Promise<unknown>>();
  #last: Promise<unknown> = Promise.resolve();
  #current: { readonly epoch: number; readonly stop: AbortController } | undefined;

  constructor(node: string, journal: AgentJournal) {
    this.#node = node;
    this.#journal = journal;
  }

  /** Orders wait until `ready` has ended. */
  holdUntil(ready: Promise<unknown>): void {
    this.#last = ready.catch(() => undefined);
  }

  /** Throws `epoch_refused`, and what `work` throws; `work` is told to end when an order of a higher epoch comes. */
  obey<T>(order: NodeOrder, name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#refuseOld(order);
    const key = `${order.operation} ${name}`;
    const running = this.#running.get(key) as Promise<T> | undefined;
    if (running !== undefined) return running;
    if (this.#current !== undefined && this.#current.epoch < order.epoch) this.#current.stop.abort(superseded(this.#node, order));
    const turn = this.#last.then(() => this.#act(order, work));
    this.#running.set(key, turn);
    this.#last = turn.then(...forget(() => this.#running.delete(key)));
    return turn;
  }

  /** Tells the order that is at work to end. */
  stop(): void {
    this.#current?.stop.abort(new OperationError('interrupted', `the agent of node ${this.#node} ends`));
  }

  async #act<T>(order: NodeOrder, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#refuseOld(order);
    if (this.#journal.facts().epoch !== order.epoch) await this.#journal.keep({ epoch: order.epoch });
    const stop = new AbortController();
    this.#current = { epoch: order.epoch, stop };
    try {
      return await work(stop.signal);
    } finally {
      this.#current = undefined;
    }
  }

  #refuseOld(order: NodeOrder): void {
    const kept = this.#journal.facts().epoch;
    if (takesOrder(kept, order.epoch)) return;
    throw new OperationError('epoch_refused', `node ${this.#node} takes no order of operation ${order.operation} any more`, { detail: `It is of epoch ${order.epoch}; the node has seen ${kept}.`, context: { epoch: order.epoch, seen: kept } });
  }
}

const superseded = (node: string, { epoch }: NodeOrder): OperationError => new OperationError('epoch_refused', `an order to node ${node} has been superseded`, { detail: `Epoch ${epoch} has begun.` });

const forget = (end: () => void): [() => void, () => void] => [end, end];
