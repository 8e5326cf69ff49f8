/**
 * A drill (step list H): a fault is made on purpose under a probe, and what answers it is what would answer it in earnest: a switchover, or the watcher. The
 * fault is made once, it is always taken back, and what the probe has on its disk is the proof.
 */
import { CancellationScope, condition, executeChild, isCancellation, ParentClosePolicy, proxyActivities, sleep, uuid4 } from '@temporalio/workflow';

import type { Activities } from '../../../activities/index.ts';
import type { GatedDrill } from '../../../activities/cluster/drill/gate-drill.ts';
import type { FaultProof } from '../../../activities/cluster/drill/faults.ts';
import { changesRoles, passedLimit } from '../../../domain/cluster/drill/plan.ts';
import type { DrillSummary } from '../../../domain/cluster/drill/report.ts';
import { failureOf, failWith, reportOfFailure } from '../../failure.ts';
import { failoverWorkflowId, nodeQueue, switchoverWorkflowId, watchWorkflowId } from '../../messages.ts';
import { parseInput } from '../../migration-input.ts';
import { patiently, quickly } from '../../proxies.ts';
import { type DrillClusterInput, drillClusterInput, type DrillClusterOrder } from './drill-input.ts';
import { DrillRun } from './drill-run.ts';
import { type DrillScene, makeFault, takeBack } from './fault.ts';

export interface DrillEnd {
  /** Null: it was a dry run. */
  readonly drill: DrillSummary | null;
  readonly gates: GatedDrill['gates'];
}

export async function drillCluster(input: DrillClusterInput): Promise<DrillEnd> {
  const given = parseInput(drillClusterInput, input, { cluster: 'shop', kind: 'planned', consentBy: 'your name' });
  const operation = uuid4().replaceAll('-', '').slice(0, 10);
  const gated = await lookAtGates(given);
  if (given.dryRun) return { drill: null, gates: gated.gates };
  const closed = gated.gates.filter(({ open }) => !open);
  if (closed.length > 0 || gated.consentBy === null) {
    throw failWith('drill_refused', `${closed.length} gates of the drill on cluster "${given.cluster}" are closed`, { detail: closed.map(({ rule, reason }) => `${rule}: ${reason}`).join('\n') });
  }
  const { cluster } = given;
  const consentBy = gated.consentBy;
  const run = new DrillRun(cluster, gated.drill.plan.kind, operation);
  await quickly.beginDrill.executeWithOptions({ summary: `drill ${gated.drill.plan.kind}` }, [{ cluster, operation, consentBy, plan: gated.drill.plan }]);
  const scene: DrillScene = { cluster, operation, consentBy, run, drill: gated.drill, node: gated.primary };
  try {
    const drill = await CancellationScope.nonCancellable(() => hold(scene, given, gated));
    run.end('completed', drill.verdict);
    await failBack(scene, drill);
    return { drill, gates: gated.gates };
  } catch (error) {
    const problem = reportOfFailure(error);
    run.end('failed', problem.message);
    await quickly.failDrill({ cluster, operation, consentBy, error: problem });
    throw failureOf(problem);
  }
}

async function lookAtGates(given: DrillClusterOrder): Promise<GatedDrill> {
  const { cluster, name, kind, hypothesis, abortLimits, baselineSeconds, failBack: back } = given;
  const ask = { cluster, wish: { name, kind, hypothesis, abortLimits, baselineSeconds, failBack: back }, consentBy: given.consentBy ?? null, watchWorkflowId: watchWorkflowId(cluster), walDisk: null };
  const first = await quickly.gateDrill.executeWithOptions({ summary: 'look at the gates' }, [ask]);
  if (first.drill.plan.kind !== 'disk-full') return first;
  const { inspectWalDisk } = proxyActivities<Activities>({ taskQueue: nodeQueue(first.primary), scheduleToStartTimeout: '10s', startToCloseTimeout: '1m', retry: { maximumAttempts: 3 } });
  return await quickly.gateDrill({ ...ask, walDisk: await inspectWalDisk({ cluster }) });
}

async function hold(scene: DrillScene, given: DrillClusterOrder, gated: GatedDrill): Promise<DrillSummary> {
  const { cluster, operation, run, drill, consentBy } = scene;
  const { plan } = drill;
  const probing = new CancellationScope();
  const probe = probing.run(() => patiently.probeDrill.executeWithOptions({ summary: 'probe' }, [{ cluster, operation, writers: given.writers, rate: given.rate }]));
  const probeEnds = probe.catch((error: unknown) => {
    if (!isCancellation(error)) throw error;
  });
  try {
    run.step('the probe begins');
    await Promise.race([condition(() => run.status?.begun === true), probeEnds]);
    run.step('baseline');
    await Promise.race([sleep(plan.baselineMs), probeEnds]);
    const before = run.status?.timeline ?? null;
    run.step(`fault: ${plan.kind} on ${scene.node}`);
    const { proof, abortedBy, undone } = await underFault(scene, before, probeEnds);
    run.step('wait for redundancy');
    const [{ primary }] = await Promise.all([
      patiently.awaitRedundancy.executeWithOptions({ summary: 'until every standby streams' }, [{ cluster, operation, standbys: gated.standbys, withinMs: plan.hypothesis.redundantWithinMs }]),
      sleep(plan.baselineMs),
    ]);
    run.step('judge the record');
    probing.cancel();
    await probeEnds;
    const injection = [proof.proof, ...undone.map((one) => one.proof)];
    return await patiently.reportDrill.executeWithOptions({ summary: 'judge and keep the report' }, [
      { cluster, operation, name: given.name ?? null, plan, gates: gated.gates, consentBy, from: scene.node, to: primary, injected: proof.injected && undone.every(({ injected }) => injected), injection, notes: run.notes, abortedBy },
    ]);
  } finally {
    probing.cancel();
  }
}

interface Answered {
  readonly proof: FaultProof;
  readonly undone: readonly FaultProof[];
  readonly abortedBy: string | null;
}

/** How long a disk stays full, and how long after a change of roles the fault stays: a node that comes back at once proves less. */
const FULL_MS = 10_000;
const LINGER_MS = 1000;
const EMERGENCY_MS = 120_000;

/** H3 and H4: makes the fault, waits until it is answered or an abort limit is passed, and takes it back whatever came of it. */
async function underFault(scene: DrillScene, before: number | null, probeEnds: Promise<void>): Promise<Answered> {
  const { run, drill: { plan } } = scene;
  const undone: FaultProof[] = [];
  let proof: FaultProof;
  let abortedBy: string | null = null;
  try {
    proof = await makeFault(scene);
    const answered = (): boolean => (run.status?.timeline ?? null) !== before;
    const limit = () => passedLimit(plan, { writeGapMs: run.status?.longestSilenceMs ?? 0, clientErrors: run.status?.errors ?? 0 });
    if (changesRoles(plan.kind)) {
      await Promise.race([condition(() => answered() || limit() !== undefined, plan.abortLimits.writeGapMs + EMERGENCY_MS), probeEnds]);
      if (!answered()) {
        abortedBy = limit()?.reason ?? 'Nothing came in time.';
        await failOver(scene);
        await condition(answered, EMERGENCY_MS);
      }
      await sleep(LINGER_MS);
    } else {
      await Promise.race([condition(() => limit() !== undefined, FULL_MS), probeEnds]);
      abortedBy = limit()?.reason ?? null;
    }
  } finally {
    undone.push(...(await takeBack(scene)));
  }
  if (!changesRoles(plan.kind)) {
    const errors = run.status?.acked ?? 0;
    await condition(() => (run.status?.acked ?? 0) > errors && (run.status?.silentMs ?? 0) < 1000, EMERGENCY_MS);
  }
  return { proof, undone, abortedBy };
}

/** The emergency of an abort limit: by force, because the primary may well be there. */
async function failOver({ cluster, consentBy, run }: DrillScene): Promise<void> {
  run.step('abort limit passed: emergency failover');
  await executeChild('failOverCluster', { workflowId: failoverWorkflowId(cluster), args: [{ cluster, force: true, requestedBy: consentBy }], parentClosePolicy: ParentClosePolicy.ABANDON }).catch((error: unknown) => void run.notes.push(`The emergency failover: ${reportOfFailure(error).message}.`));
}

async function failBack({ cluster, consentBy, run, drill, node }: DrillScene, summary: DrillSummary): Promise<void> {
  if (!drill.failBack || !changesRoles(drill.plan.kind) || summary.verdict === 'aborted') return;
  run.step('wait for the cool-down, to switch back');
  await sleep(drill.coolDownMs + 1000);
  await executeChild('switchOverCluster', { workflowId: switchoverWorkflowId(cluster), args: [{ cluster, to: node, requestedBy: consentBy }], parentClosePolicy: ParentClosePolicy.ABANDON }).catch((error: unknown) => run.step(`not switched back: ${reportOfFailure(error).message}`));
}
