import { cancellationSignal, log } from '@temporalio/activity';

import { keepWell } from '../../../catalog/cluster/last-known.ts';
import { handOn, primaryOf, type Situation, viewOf } from '../../../domain/cluster/failover/assess.ts';
import { classify, type Classification } from '../../../domain/cluster/failover/classify.ts';
import { judgeGates } from '../../../domain/cluster/failover/gates.ts';
import { strikeOff } from '../../../domain/cluster/failover/memory.ts';
import { hasRedundancy } from '../../../domain/cluster/failover/redundancy.ts';
import { decideWatch } from '../../../domain/cluster/failover/watch.ts';
import type { WatchFinding } from '../../../domain/cluster/failover/watch-state.ts';
import { isFresh } from '../../../domain/cluster/reading.ts';
import { OperationError } from '../../../domain/errors.ts';
import type { Dependencies } from '../../dependencies.ts';
import { beating } from '../../step.ts';
import { openScene, type Scene } from '../failover/scene.ts';
import { readRecord, type Well } from '../../../catalog/cluster/watch-record.ts';

export interface WatchInput {
  readonly cluster: string;
  /** Of the finding that was given last; it is not given again. */
  readonly alert: string | null;
  /** The agent has tried to start the dead primary again, for this incident. */
  readonly restartTried: boolean;
  /** Nothing but an alert comes of this incident: it was tried in vain. */
  readonly standDown: boolean;
  /** Vantage points that were counted out. */
  readonly struckOff: readonly string[];
}

/**
 * Watches the primary of a cluster until there is something to do (G1 to G5): an alert that came or went, a server to be started again, a failover. What a
 * worker saw that died has no age for the next one; only that all was well a moment ago does the catalog know.
 */
export const watchPrimary =
  (deps: Dependencies) =>
  async (input: WatchInput): Promise<WatchFinding> => {
    let seen = 'nothing yet';
    return await beating(() => ({ doing: `watch ${input.cluster}`, seen }), async () => {
      for (;;) {
        const finding = await watch(deps, input, (text) => (seen = text));
        if (finding !== undefined) return finding;
      }
    });
  };

/** While something is wrong, for so long it is asked much more often. */
const HURRY_EVERY_MS = 100;
const HURRY_MS = 5000;
/** What does not lead to anything but an alert has to last for so long. */
const LASTING_MS = 2000;
const PLAN_EVERY_MS = 2000;
const KEEP_WELL_EVERY_MS = 1000;
/** A standby that ends its receiver because the primary died may say so before anybody has seen the death. */
const REDUNDANT_WITHIN_MS = 5000;

interface Watcher {
  readonly deps: Dependencies;
  readonly input: WatchInput;
  readonly scene: Scene;
  well: Well | null;
  redundantAt: number;
  keptAt: number;
}

/** Undefined: another node is the primary now. */
async function watch(deps: Dependencies, input: WatchInput, say: (seen: string) => void): Promise<WatchFinding | undefined> {
  const plan = await deps.cluster(input.cluster);
  const primary = primaryOf(plan.nodes);
  if (primary === undefined) throw new OperationError('cluster_unknown', `cluster "${input.cluster}" has no primary`, { detail: 'No node is registered as one.' });
  await using scene = await openScene(deps, { plan, primary: plan.nodes.find(({ name }) => name === primary.name)!, handedOn: { contact: null, struckOff: input.struckOff, speakers: [] } });
  const watcher: Watcher = { deps, input, scene, well: null, redundantAt: -Infinity, keptAt: -Infinity };
  let troubledSince: number | null = null;
  let key: string | null = null;
  let keySince = performance.now();
  for (let askAt = 0, planAt = performance.now() + PLAN_EVERY_MS; ; ) {
    cancellationSignal().throwIfAborted();
    const hurry = troubledSince !== null && performance.now() - troubledSince < HURRY_MS;
    if (performance.now() >= askAt) {
      await scene.ask();
      askAt = performance.now() + (hurry ? HURRY_EVERY_MS : scene.plan.watch.intervalMs);
    }
    if (performance.now() >= planAt) {
      scene.plan = await deps.cluster(input.cluster);
      if (primaryOf(scene.plan.nodes)?.name !== primary.name) return undefined;
      planAt = performance.now() + PLAN_EVERY_MS;
    }
    const situation = await scene.situation();
    const classification = classify(viewOf(situation));
    say(`${classification.class}: ${classification.reason}`);
    const finding = await find(watcher, situation, classification);
    if (finding.action === 'fail-over' || finding.action === 'restart-locally') return finding;
    if (finding.alert !== key) [key, keySince] = [finding.alert, performance.now()];
    if (finding.alert !== input.alert && performance.now() - keySince >= LASTING_MS) return finding;
    const suspicious = classification.class !== 'serving' || saysItIsDead(situation);
    if (suspicious && troubledSince === null) {
      log.info('the primary may be lost', { cluster: input.cluster, class: classification.class, reason: classification.reason });
      askAt = 0;
    }
    troubledSince = suspicious ? (troubledSince ?? performance.now()) : null;
    if (askAt > 0) await scene.asker.heard(Math.max(1, askAt - performance.now()), cancellationSignal());
  }
}

async function find(watcher: Watcher, situation: Situation, classification: Classification): Promise<WatchFinding> {
  const { deps, input, scene } = watcher;
  scene.memory = strikeOff(scene.memory, viewOf(situation), scene.plan.watch.strikeOffMs);
  const evidence = { primary: scene.primary.name, classification, handedOn: handOn({ ...situation, memory: scene.memory }) };
  if (classification.class === 'serving') {
    await noteWell(watcher, situation);
    return { action: 'watch', rule: classification.rule, by: classification.by, reason: classification.reason, alert: null, evidence: { ...evidence, gates: null } };
  }
  const record = await readRecord(deps.catalog, { cluster: input.cluster, primary: scene.primary.name, well: watcher.well, now: situation.now });
  const gates = judgeGates({ policy: scene.plan.watch, record, classification, now: situation.now });
  const decision = decideWatch({ classification, gates, localRestart: scene.plan.watch.localRestart, restartTried: input.restartTried });
  const action = input.standDown && decision.action !== 'watch' ? 'alert' : decision.action;
  return { ...decision, action, alert: `${classification.class}/${decision.rule}`, evidence: { ...evidence, gates } };
}

/** Well is what its own agent confirms: sightings alone may be older than its death. */
async function noteWell(watcher: Watcher, situation: Situation): Promise<void> {
  const { plan, primary, reports, now } = situation;
  if (saysItIsDead(situation)) return;
  if (hasRedundancy(plan.nodes, reports, { now, freshMs: plan.watch.freshMs })) watcher.redundantAt = now.ms;
  watcher.well = { at: now, redundant: now.ms - watcher.redundantAt < REDUNDANT_WITHIN_MS };
  if (now.ms - watcher.keptAt < KEEP_WELL_EVERY_MS) return;
  watcher.keptAt = now.ms;
  const { redundant } = watcher.well;
  await watcher.deps.catalog.sessions.use((session) => keepWell(session, watcher.input.cluster, { primary: primary.name, redundant }));
}

const saysItIsDead = ({ reports, primary, now, plan }: Situation): boolean =>
  reports.some((report) => report.observer === primary.name && isFresh(report, now, plan.watch.freshMs) && ['gone', 'zombie'].includes(report.value.process.postmaster));
