import { CancellationScope, isCancellation, setCurrentDetails, setHandler, upsertSearchAttributes, uuid4 } from '@temporalio/workflow';

import type { SlotOrder } from '../../activities/cluster/node-run/register-node.ts';
import type { Epoch } from '../../domain/cluster/epoch.ts';
import { type NodeRunKind, nodeRunMarkdown, type NodeRunProgress, type NodeRunResult } from '../../domain/cluster/run/node-run.ts';
import { failureOf, reportOfFailure } from '../failure.ts';
import { KIND_ATTRIBUTE, nodeProgressQuery, STATE_ATTRIBUTE, SUBJECT_ATTRIBUTE } from '../messages.ts';
import { quickly } from '../proxies.ts';
import { agentOfNode, answered } from './agent-orders.ts';

export interface NodeRunWish {
  readonly cluster: string;
  readonly node: string;
  readonly requestedBy: string;
  readonly dryRun: boolean;
}

/** What a run found out and did, beside what every run has. */
export type NodeRunFindings = Partial<Omit<NodeRunResult, 'operation' | 'kind' | 'cluster' | 'node' | 'end' | 'dryRun' | 'missing'>>;

/** An operation on one node: it keeps its journal, shows itself, has the cluster to its end, and never ends without saying how. */
export class NodeRun {
  readonly operation = uuid4().replaceAll('-', '').slice(0, 10);
  readonly kind: NodeRunKind;
  readonly wish: NodeRunWish;
  readonly #missing: string[] = [];
  #recorded = false;
  #progress: NodeRunProgress;

  constructor(kind: NodeRunKind, wish: NodeRunWish) {
    this.kind = kind;
    this.wish = wish;
    this.#progress = { operation: this.operation, kind, cluster: wish.cluster, node: wish.node, end: null, steps: [] };
    upsertSearchAttributes([{ key: KIND_ATTRIBUTE, value: kind }, { key: SUBJECT_ATTRIBUTE, value: wish.cluster }, { key: STATE_ATTRIBUTE, value: 'running' }]);
    setHandler(nodeProgressQuery, () => this.#progress, { description: 'Where the operation stands, as one JSON object.' });
    this.#show({});
  }

  get order(): NodeRunWish & { readonly operation: string; readonly kind: NodeRunKind } {
    return { operation: this.operation, kind: this.kind, ...this.wish };
  }

  /** From now on there is a row of the run, to which its steps belong. */
  recorded(): void {
    this.#recorded = !this.wish.dryRun;
  }

  /** An order to the agent of the node, or of another one. */
  nodeOrder(epoch: Epoch): { readonly cluster: string; readonly epoch: Epoch; readonly operation: string } {
    return { cluster: this.wish.cluster, epoch, operation: this.operation };
  }

  /** The intent is written down before the step is tried, and its result after. */
  async step<T>(id: string, text: string, work: () => Promise<T>, note: (value: T) => string | null = () => null): Promise<T> {
    this.#show({ steps: [...this.#progress.steps, { id, text, state: 'running', note: null }] });
    await this.#keep(id, 'intent', {});
    try {
      const value = await work();
      this.#mark(id, 'done', note(value));
      await this.#keep(id, 'done', { note: note(value) });
      return value;
    } catch (error) {
      const { code, message } = reportOfFailure(error);
      this.#mark(id, 'failed', message);
      await CancellationScope.nonCancellable(() => this.#keep(id, 'failed', { code, message }));
      throw error;
    }
  }

  /** A step without which the node serves all the same: when it fails, the run ends as INCOMPLETE. */
  async lenientStep(id: string, text: string, work: () => Promise<string | null>): Promise<void> {
    await this.step(id, text, work, (said) => said).catch((error: unknown) => {
      if (isCancellation(error)) throw error;
      this.#missing.push(id);
    });
  }

  /** Every node has the slots of those that stream from it, and no others of ours; what a silent node has is for later. */
  async tidySlots(slots: readonly SlotOrder[], epoch: Epoch): Promise<void> {
    await Promise.all(slots.map(({ node, planned, keep }) =>
      this.lenientStep(`slots-${node}`, `slots of ${node}`, async () => {
        const { created, dropped, alert } = await answered(node, agentOfNode(node).reconcileNodeSlots.executeWithOptions({ summary: `slots of ${node}` }, [{ ...this.nodeOrder(epoch), planned, keep }]));
        const said = [...created.map((name) => `created ${name}`), ...dropped.map((name) => `dropped ${name}`), ...alert.map((name) => `look at ${name}`)];
        return said.length === 0 ? null : said.join(', ');
      })));
  }

  /** Runs the whole, and ends it: the cluster is let go and the end written down, whatever happens. */
  async through(work: () => Promise<NodeRunFindings>): Promise<NodeRunResult> {
    try {
      const findings = await work();
      const { operation, kind, wish: { cluster, node, dryRun } } = this;
      const end = this.#missing.length === 0 ? 'SUCCESS' : 'INCOMPLETE';
      const result: NodeRunResult = { operation, kind, cluster, node, end, dryRun, upstream: null, checks: [], verdict: null, movedAside: null, evidence: null, bytes: null, ...findings, missing: this.#missing };
      await this.#end('completed', end, { result });
      return result;
    } catch (error) {
      const report = reportOfFailure(error);
      await CancellationScope.nonCancellable(() => this.#end(isCancellation(error) ? 'aborted' : 'failed', 'FAILED', { error: report }));
      if (isCancellation(error)) throw error;
      throw failureOf(report);
    }
  }

  async #end(state: 'completed' | 'failed' | 'aborted', end: NodeRunProgress['end'], what: { readonly result?: unknown; readonly error?: ReturnType<typeof reportOfFailure> }): Promise<void> {
    this.#show({ end });
    upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: state }]);
    if (this.wish.dryRun) return;
    const { operation, kind, wish: { cluster, node, requestedBy } } = this;
    await quickly.endNodeRun.executeWithOptions({ summary: `end: ${end}` }, [{ operation, kind, cluster, node, requestedBy, end: { state, ...what } }]);
  }

  async #keep(step: string, phase: 'intent' | 'done' | 'failed', facts: unknown): Promise<void> {
    if (this.#recorded) await quickly.keepNodeStep.executeWithOptions({ summary: `${step}: ${phase}` }, [{ operation: this.operation, step, phase, facts }]);
  }

  #mark(id: string, state: 'done' | 'failed', note: string | null): void {
    this.#show({ steps: this.#progress.steps.map((step) => (step.id === id ? { ...step, state, note } : step)) });
  }

  #show(change: Partial<NodeRunProgress>): void {
    this.#progress = { ...this.#progress, ...change };
    setCurrentDetails(nodeRunMarkdown(this.#progress));
  }
}
