import { getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';

import { type ClusterWords, openAsker } from '../../../catalog/cluster/asker.ts';
import { clusterHolder } from '../../../catalog/cluster/lock.ts';
import { listNodes, readSystemIdentifier } from '../../../catalog/cluster/nodes.ts';
import { readPause } from '../../../catalog/cluster/pause.ts';
import { listRoleChanges } from '../../../catalog/cluster/role-changes.ts';
import { listBackups } from '../../../catalog/backups.ts';
import { type DrillWish, resolveDrill, type ResolvedDrill } from '../../../config/resolve-drill.ts';
import type { ClusterPlan } from '../../../domain/cluster/cluster.ts';
import { type DrillFacts, judgeDrillGates } from '../../../domain/cluster/drill/gate.ts';
import { isAnswered } from '../../../domain/cluster/drill/plan.ts';
import { isInWindow } from '../../../domain/cluster/drill/window.ts';
import type { Gate } from '../../../domain/cluster/failover/gates.ts';
import { lastWords, type Reading } from '../../../domain/cluster/reading.ts';
import { type ClusterPicture, type RunningNode, runningNodes, soleWritable } from '../../../domain/cluster/show/picture.ts';
import { problemsOf } from '../../../domain/cluster/show/problems.ts';
import { plannedSlots } from '../../../domain/cluster/slots.ts';
import { OperationError } from '../../../domain/errors.ts';
import { lsnDistance } from '../../../domain/lsn.ts';
import type { WalDisk } from '../../../programs/cluster/wal-disk.ts';
import type { Dependencies } from '../../dependencies.ts';
import { beating } from '../../step.ts';

export interface GateInput {
  readonly cluster: string;
  readonly wish: DrillWish;
  readonly consentBy: string | null;
  readonly watchWorkflowId: string;
  /** Of the primary, for a disk that is to be filled; null when nobody has looked. */
  readonly walDisk: WalDisk | null;
}

export interface GatedDrill {
  readonly drill: ResolvedDrill;
  readonly gates: readonly Gate[];
  readonly consentBy: string | null;
  readonly primary: string;
  /** Nodes with data that are to stream when redundancy is back: all but one primary. */
  readonly standbys: number;
}

const ANSWER_MS = 3000;

/** H1: what the inventory and the order want, and whether the cluster can bear it now. Throws `cluster_unfit`, `name_unknown`, `input_invalid`. */
export const gateDrill =
  (deps: Dependencies) =>
  async (input: GateInput): Promise<GatedDrill> =>
    await beating(() => ({ doing: `look at ${input.cluster}` }), () => gate(deps, input));

async function gate(deps: Dependencies, input: GateInput): Promise<GatedDrill> {
  const { cluster } = input;
  const drill = resolveDrill(deps.inventory(), cluster, input.wish);
  if ((await readSystemIdentifier(deps.catalog, cluster)) === undefined) throw new OperationError('cluster_unfit', `cluster "${cluster}" is not registered`, { hint: `Run \`pgconvoy cluster register ${cluster}\`.` });
  const plan = await deps.cluster(cluster);
  const picture = await lookAt(deps, plan);
  const primary = soleWritable(picture);
  const consentBy = input.consentBy ?? drill.consentBy;
  const facts: DrillFacts = {
    plan: drill.plan,
    inWindow: drill.window === null || drill.window === undefined || isInWindow(drill.window, timeOfDay(drill.window.timeZone)),
    consentBy,
    ...(await historyOf(deps, plan)),
    ...replicationOf(picture, primary, plan),
    ...(await backupOf(deps, drill)),
    lagLimitBytes: plan.limits.lagBytes,
    unwatched: isAnswered(drill.plan.kind) ? await unwatchedBecause(deps, plan, input.watchWorkflowId) : null,
    cannotInject: cannotInjectBecause(drill, input.walDisk),
    blockingProblems: [
      ...(primary === null ? ['There is not exactly one writable node.'] : []),
      ...problemsOf(picture).filter(({ severity }) => severity === 'blocking').map(({ node, reason }) => (node === null ? reason : `${node}: ${reason}`)),
    ],
  };
  const registered = plan.nodes.find(({ role }) => role === 'primary')?.name ?? '';
  return { drill, gates: judgeDrillGates(facts), consentBy, primary: primary?.declaration.name ?? registered, standbys: plan.nodes.filter(({ role }) => role !== 'witness').length - 1 };
}

async function lookAt(deps: Dependencies, plan: ClusterPlan): Promise<ClusterPicture> {
  await using asker = await openAsker(deps.catalog, plan.cluster);
  const words = await asker.askAll(plan.nodes.map(({ name }) => name), ANSWER_MS);
  return pictureOf(plan, words, asker.now());
}

export function pictureOf(plan: ClusterPlan, words: ClusterWords, now: Reading): ClusterPicture {
  const reports = lastWords(words.reports, now);
  return {
    nodes: plan.nodes.map((declaration) => ({ declaration, report: reports.get(declaration.name) ?? null })),
    outsideMachines: [],
    automaticFailover: plan.watch.automatic,
    // All have just been asked: what is older than the question is what was not answered.
    limits: { freshMs: ANSWER_MS + 1000, lagBytes: plan.limits.lagBytes, walDiskFreeBytes: plan.limits.walDiskFreeBytes, readyFiles: plan.limits.readyFiles },
    now,
  };
}

async function historyOf({ catalog }: Dependencies, { cluster, watch }: ClusterPlan): Promise<Pick<DrillFacts, 'sinceRoleChangeMs' | 'coolDownMs' | 'otherOperation'>> {
  const [[newest], holder] = await Promise.all([listRoleChanges(catalog, cluster, 1), clusterHolder(catalog, cluster)]);
  return { sinceRoleChangeMs: newest?.ageMs ?? null, coolDownMs: watch.coolDownMs, otherOperation: holder === undefined ? null : `${holder.purpose} (${holder.operation})` };
}

function replicationOf(picture: ClusterPicture, primary: RunningNode | null, plan: ClusterPlan): Pick<DrillFacts, 'electable' | 'lagBytes' | 'missingSlots'> {
  const standbys = runningNodes(picture).filter(({ server, declaration }) => server.inRecovery && server.receiver !== null && declaration.priority > 0);
  const written = primary?.server.writeLsn ?? null;
  const lags = standbys.map(({ server }) => (written === null || server.receiveLsn === null ? 0 : lsnDistance(server.receiveLsn, written)));
  const slots = primary?.server.physicalSlots.map(({ name }) => name) ?? [];
  const planned = primary === null ? [] : plannedSlots(primary.declaration.name, plan.nodes);
  return { electable: standbys.length, lagBytes: Math.min(...lags, lags.length === 0 ? 0 : Infinity), missingSlots: planned.filter((name) => !slots.includes(name)) };
}

async function backupOf({ catalog }: Dependencies, { backup }: ResolvedDrill): Promise<Pick<DrillFacts, 'backupWaived' | 'backupAgeMs' | 'backupMaxAgeMs'>> {
  if (backup === null || backup === 'waived') return { backupWaived: backup === 'waived', backupAgeMs: null, backupMaxAgeMs: 0 };
  const proven = await listBackups(catalog, { policy: backup.policy, states: ['proven'] });
  const newest = Math.max(...proven.map(({ snapshotAt, createdAt }) => Date.parse(snapshotAt ?? createdAt)));
  return { backupWaived: false, backupAgeMs: proven.length === 0 ? null : Date.now() - newest, backupMaxAgeMs: backup.maxAgeMs };
}

async function unwatchedBecause({ catalog }: Dependencies, { cluster, watch }: ClusterPlan, watchWorkflowId: string): Promise<string | null> {
  if (!watch.automatic) return 'Automatic failover is off for this cluster.';
  const pause = await readPause(catalog, cluster);
  if (pause !== undefined && pause.resumedAgoMs === null && pause.ageMs < pause.forMs) return `Automatic failover is paused by ${pause.owner}.`;
  const status = await getClient().workflow.getHandle(watchWorkflowId).describe().catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  });
  return status?.status.name === 'RUNNING' ? null : `Nobody watches it: run \`pgconvoy cluster watch ${cluster}\`.`;
}

function cannotInjectBecause({ plan, partition, largestFillBytes }: ResolvedDrill, disk: WalDisk | null): string | null {
  if (plan.kind === 'partition' && partition === null) return 'The inventory has no command that cuts a node off (drilling.partition).';
  if (plan.kind !== 'disk-full') return null;
  if (disk === null || !disk.own) return 'pg_wal of the primary has no file system of its own; a full one would stop more than the log.';
  return disk.freeBytes <= largestFillBytes ? null : `The disk of pg_wal has ${disk.freeBytes} bytes free; more than ${largestFillBytes} are not filled.`;
}

const timeOfDay = (timeZone: string): string => new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date());

/** The registered name of the primary. */
export const registeredPrimary = async ({ catalog }: Dependencies, cluster: string): Promise<string | null> => (await listNodes(catalog, cluster)).find(({ declaration }) => declaration.role === 'primary')?.declaration.name ?? null;
