/**
 * Watches a cluster for as long as it is wanted (step list G). All looking is one long step on any control worker; what it finds comes back here: alerts are
 * written down, a dead primary is started again where the inventory allows that, and a failover is begun. Whether it may act is decided by gates, of which
 * the pause lies in the catalog, so that it outlives this workflow.
 */
import { allHandlersFinished, condition, continueAsNew, log, ParentClosePolicy, setCurrentDetails, setHandler, sleep, startChild, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';

import type { FailoverResult } from '../../domain/cluster/failover/result.ts';
import { watchMarkdown, type WatchFinding, type WatchState } from '../../domain/cluster/failover/watch-state.ts';
import { reportOfFailure } from '../failure.ts';
import { CONTROL_QUEUE, failoverPromotedSignal, failoverWorkflowId, KIND_ATTRIBUTE, pauseWatchUpdate, resumeWatchUpdate, STATE_ATTRIBUTE, SUBJECT_ATTRIBUTE, watchStateQuery } from '../messages.ts';
import { parseInput } from '../migration-input.ts';
import { type WatchCarried, type WatchClusterInput, watchClusterInput } from './failover-input.ts';
import { urgently } from './node-proxies.ts';
import { restartLocally } from './restart-locally.ts';

const FRESH: WatchCarried = { alert: null, restartTried: false, inVain: 0, struckOff: [], failovers: 0, failover: null, lastEnd: null };
/** After so many failovers of one incident that changed nothing, a person is needed. */
const IN_VAIN = 3;
const FINDINGS_PER_RUN = 200;
const AFTER_VAIN_MS = 5000;

export async function watchCluster(input: WatchClusterInput): Promise<never> {
  const { cluster, requestedBy, state = FRESH } = parseInput(watchClusterInput, input, { cluster: 'shop', requestedBy: 'your name' });
  const watcher = new Watcher(cluster, requestedBy, state);
  for (let found = 0; found < FINDINGS_PER_RUN && !workflowInfo().continueAsNewSuggested; found += 1) {
    const { alert, restartTried, inVain, struckOff } = watcher.carried;
    watcher.show({ state: alert === null ? 'watching' : 'alert' });
    const finding = await urgently.watchPrimary.executeWithOptions({ summary: `watch ${cluster}`, startToCloseTimeout: '30d', heartbeatTimeout: '5s' }, [{ cluster, alert, restartTried, standDown: inVain >= IN_VAIN, struckOff }]);
    await watcher.answer(finding);
  }
  await condition(allHandlersFinished);
  return await continueAsNew<typeof watchCluster>({ cluster, requestedBy, state: watcher.carried });
}

class Watcher {
  readonly #cluster: string;
  readonly #by: string;
  #carried: WatchCarried;
  #state: WatchState;
  #promoted = 0;

  constructor(cluster: string, by: string, carried: WatchCarried) {
    this.#cluster = cluster;
    this.#by = by;
    this.#carried = carried;
    this.#state = { cluster, state: 'watching', primary: null, finding: null, failover: carried.failover, lastEnd: carried.lastEnd, failovers: carried.failovers };
    upsertSearchAttributes([{ key: KIND_ATTRIBUTE, value: 'watch' }, { key: SUBJECT_ATTRIBUTE, value: cluster }, { key: STATE_ATTRIBUTE, value: 'running' }]);
    setHandler(watchStateQuery, () => this.#state, { description: 'What the watcher sees, as one JSON object.' });
    setHandler(failoverPromotedSignal, () => void (this.#promoted += 1));
    setHandler(pauseWatchUpdate, async ({ by, note, forMs }) => await urgently.pauseWatch.executeWithOptions({ summary: `pause, by ${by}` }, [{ cluster, by, reason: note ?? 'no reason given', forMs, state: this.#state.state }]), { description: 'No automatic failover for so many milliseconds: {"by", "note", "forMs"}.' });
    setHandler(resumeWatchUpdate, async ({ by }) => await urgently.resumeWatch.executeWithOptions({ summary: `resume, by ${by}` }, [{ cluster, by, state: this.#state.state }]), { description: 'Ends the pause. A primary that was lost in it is not failed over by itself.' });
  }

  get carried(): WatchCarried {
    return this.#carried;
  }

  show(change: Partial<WatchState>): void {
    this.#state = { ...this.#state, ...change };
    setCurrentDetails(watchMarkdown(this.#state));
  }

  async answer(finding: WatchFinding): Promise<void> {
    this.#carry({ struckOff: finding.evidence.handedOn.struckOff });
    this.show({ finding, primary: finding.evidence.primary });
    log.info(`watch of ${this.#cluster}: ${finding.action} (${finding.rule})`, { reason: finding.reason });
    switch (finding.action) {
      case 'watch':
        this.#carry({ alert: null, restartTried: false, inVain: 0 });
        return await this.#tell('well', finding);
      case 'alert':
        this.#carry({ alert: finding.alert });
        return await this.#tell('alert', finding);
      case 'restart-locally':
        return await this.#restart(finding);
      case 'fail-over':
        return await this.#failOver(finding);
    }
  }

  async #restart(finding: WatchFinding): Promise<void> {
    this.show({ state: 'restarting' });
    this.#carry({ restartTried: true });
    const problem = await restartLocally({ cluster: this.#cluster, node: finding.evidence.primary, by: this.#by });
    await this.#tell('restart', finding, { problem: problem ?? null });
  }

  /** Until somebody is promoted, or the failover is over; what comes after is its own matter. */
  async #failOver({ evidence }: WatchFinding): Promise<void> {
    const workflowId = failoverWorkflowId(this.#cluster);
    this.#carry({ failovers: this.#carried.failovers + 1, failover: workflowId, lastEnd: null });
    this.show({ state: 'failing-over', failover: workflowId, failovers: this.#carried.failovers, lastEnd: null });
    const before = this.#promoted;
    try {
      const child = await startChild('failOverCluster', { workflowId, taskQueue: CONTROL_QUEUE, parentClosePolicy: ParentClosePolicy.ABANDON, args: [{ cluster: this.#cluster, requestedBy: 'watcher', evidence }], staticSummary: `fail over ${this.#cluster}` });
      let end: FailoverResult | { readonly end: string } | undefined;
      void (child.result() as Promise<FailoverResult>).then((result) => (end = result), (error: unknown) => (end = { end: reportOfFailure(error).message }));
      await condition(() => end !== undefined || this.#promoted !== before);
      const lastEnd = this.#promoted === before ? (end?.end ?? null) : 'promoted';
      this.#carry({ lastEnd, alert: null, inVain: lastEnd === 'promoted' || lastEnd === 'SUCCESS' || lastEnd === 'INCOMPLETE' ? 0 : this.#carried.inVain + 1 });
      this.show({ lastEnd });
      if (this.#carried.inVain > 0) await sleep(AFTER_VAIN_MS);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      // Somebody else has begun one, or the tail of the last one is at work.
      await sleep(AFTER_VAIN_MS);
    }
  }

  #carry(change: Partial<WatchCarried>): void {
    this.#carried = { ...this.#carried, ...change };
  }

  async #tell(event: 'well' | 'alert' | 'restart', { rule, by, reason, alert, evidence }: WatchFinding, more: object = {}): Promise<void> {
    await urgently.auditWatch.executeWithOptions({ summary: `audit: ${event}` }, [{ cluster: this.#cluster, event, by: this.#by, detail: { rule, by, reason, alert, primary: evidence.primary, classification: evidence.classification, gates: evidence.gates, ...more } }]);
  }
}
