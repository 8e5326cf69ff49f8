/** What the control side looks at before a switchover: reports of all agents in one round, the load of the primary, and what the agents have tried. */
import { openAsker, type ClusterWords } from '../../../catalog/cluster/asker.ts';
import { clusterHolder } from '../../../catalog/cluster/lock.ts';
import { listRoleChanges } from '../../../catalog/cluster/role-changes.ts';
import type { Exclusion } from '../../../domain/cluster/citation.ts';
import type { ClusterNode, ClusterPlan } from '../../../domain/cluster/cluster.ts';
import { isData } from '../../../domain/cluster/node.ts';
import type { ServerState } from '../../../domain/cluster/node-facts.ts';
import type { Reading } from '../../../domain/cluster/reading.ts';
import { chooseCandidate } from '../../../domain/cluster/switchover/candidate.ts';
import type { SwitchoverFacts, Trial } from '../../../domain/cluster/switchover/facts.ts';
import { judgeSwitchover } from '../../../domain/cluster/switchover/preflight.ts';
import type { SwitchoverPlan } from '../../../domain/cluster/switchover/result.ts';
import { OperationError } from '../../../domain/errors.ts';
import type { Fact } from '../../../domain/preflight/fact.ts';
import { connect } from '../../../postgres/connection.ts';
import { writeMarker } from '../../../postgres/cluster/primary-orders.ts';
import { readStopLoad } from '../../../postgres/cluster/stop-load.ts';
import { tryLogin } from '../../../postgres/cluster/trial-login.ts';
import { fact } from '../../../postgres/preflight/ask.ts';
import type { Dependencies } from '../../dependencies.ts';
import type { WaysFromOld, WaysOfCandidate } from './try-ways.ts';

/** How long is waited for agents that do not answer a round. */
const ANSWER_MS = 3000;

export interface SurveyOrder {
  readonly cluster: string;
  /** The node that is wanted; absent: the best. */
  readonly to?: string | undefined;
}

export interface Survey {
  readonly from: string;
  readonly to: string;
  readonly excluded: readonly Exclusion[];
}

/** Who is primary, and who is to be. Throws `cluster_unknown`, `cluster_unfit` with the rule that takes each node out, `name_unknown`. */
export const surveySwitchover =
  (deps: Dependencies) =>
  async ({ cluster, to }: SurveyOrder): Promise<Survey> => {
    const plan = await deps.cluster(cluster);
    const { words, now } = await askEverybody(deps, plan);
    const { node: primary, server } = primaryOf(plan, words);
    if (to !== undefined) return { from: primary.name, to: namedCandidate(plan, primary, to).name, excluded: [] };
    const standbys = plan.nodes.filter(({ name }) => name !== primary.name).map((declaration) => ({ declaration, report: reportOf(words, declaration.name) }));
    const place = { name: primary.name, writeLsn: server.writeLsn!, timeline: server.timeline, senders: server.senders };
    const { candidate, excluded } = chooseCandidate({ primary: place, standbys, lagBytes: plan.limits.lagBytes, freshMs: freshMs(plan), now });
    if (candidate !== null) return { from: primary.name, to: candidate, excluded };
    throw new OperationError('cluster_unfit', `cluster "${cluster}" has no candidate`, { detail: excluded.map(({ node, rule, reason, override }) => `${node}: ${reason} [${rule}]${override === null ? '' : ` It would do: ${override}.`}`).join('\n') });
  };

function namedCandidate(plan: ClusterPlan, primary: ClusterNode, to: string): ClusterNode {
  const node = plan.nodes.find(({ name }) => name === to);
  if (node === undefined) throw new OperationError('name_unknown', `node "${to}" is not in cluster "${plan.cluster}"`, { hint: `Its nodes are ${plan.nodes.map(({ name }) => name).join(', ')}.` });
  if (node.name === primary.name) throw new OperationError('cluster_unfit', `node "${to}" is the primary already`);
  if (!isData(node)) throw new OperationError('cluster_unfit', `node "${to}" is a witness`, { detail: 'A witness holds no data.' });
  return node;
}

export interface JudgeOrder extends Survey {
  readonly cluster: string;
  /** Of the run that asks; its own lock is nobody else's. */
  readonly operation: string;
  readonly ignoreCoolDown: boolean;
  readonly old: Fact<WaysFromOld>;
  readonly candidate: Fact<WaysOfCandidate>;
}

/** Every check, with the predicted downtime: the same for a dry run and for the run. */
export const judgeSwitchoverNow =
  (deps: Dependencies) =>
  async (order: JudgeOrder): Promise<SwitchoverPlan> => {
    const { from, to, excluded } = order;
    return { from, to, excluded, preflight: judgeSwitchover(await gatherFacts(deps, order)) };
  };

async function gatherFacts(deps: Dependencies, order: JudgeOrder): Promise<SwitchoverFacts> {
  const { cluster, from, to, old, candidate } = order;
  const plan = await deps.cluster(cluster);
  const [load, applicationLogin, holder, [lastChange]] = await Promise.all([
    fact(async () => {
      await using session = await connect(deps.node(cluster, from), { purpose: 'preflight', database: plan.database });
      const load = await readStopLoad(session);
      // An idle follower replies every ten seconds only, which would look as if it hung; to a few bytes of log each replies at once.
      await writeMarker(session, 'preflight');
      return load;
    }),
    fact(() => tryApplication(deps, plan, to)),
    clusterHolder(deps.catalog, cluster),
    listRoleChanges(deps.catalog, cluster, 1),
  ]);
  // Last, because what agents have said grows old.
  const { words, now } = await askEverybody(deps, plan);
  const observed = (name: string) => ({ declaration: nodeNamed(plan, name), report: reportOf(words, name) ?? silent(name) });
  return {
    primary: observed(from),
    candidate: observed(to),
    siblings: plan.nodes.filter((node) => isData(node) && node.name !== from && node.name !== to).map((declaration) => ({ declaration, report: reportOf(words, declaration.name) })),
    load,
    route: { kind: ROUTE_KINDS[plan.route.kind], poolMode: 'ok' in old ? old.ok.poolMode : null },
    replicationLogin: pick(old, 'replicationLogin'),
    applicationLogin,
    configurationOwned: bothOwned(pick(old, 'configurationOwned'), pick(candidate, 'configurationOwned')),
    restoreCommandMs: pick(candidate, 'restoreCommandMs'),
    routeSwitchMs: pick(old, 'routeSwitchMs'),
    otherOperation: holder === undefined || holder.operation === order.operation ? null : `${holder.purpose} (operation ${holder.operation})`,
    lastRoleChangeMs: lastChange?.ageMs ?? null,
    limits: { freshMs: freshMs(plan), lagBytes: plan.limits.lagBytes, coolDownMs: order.ignoreCoolDown ? 0 : plan.watch.coolDownMs, readyFiles: plan.limits.readyFiles, drainMs: plan.window.drainMs, senderSilenceMs: plan.limits.senderSilenceMs },
    now,
  };
}

const ROUTE_KINDS = { none: 'multi-host', command: 'hook', pgbouncer: 'pooler' } as const;

/** Without a role of the application there is nothing to try. */
async function tryApplication(deps: Dependencies, { cluster, applicationUser, database }: ClusterPlan, candidate: string): Promise<Trial> {
  if (applicationUser === null) return { outcome: 'done' };
  const { password: _, ...place } = deps.node(cluster, candidate);
  const password = deps.clusterPassword(cluster, 'application');
  return await tryLogin({ ...place, user: applicationUser, ...(password === undefined ? {} : { password }) }, database);
}

const pick = <T, Key extends keyof T>(known: Fact<T>, key: Key): T[Key] | Extract<Fact<T>, { failed: unknown }> => ('ok' in known ? known.ok[key] : known);

function bothOwned(one: Fact<Trial>, other: Fact<Trial>): Fact<Trial> {
  if ('failed' in one || ('ok' in one && one.ok.outcome === 'refused')) return one;
  return other;
}

export async function askEverybody({ catalog }: Dependencies, plan: ClusterPlan): Promise<{ words: ClusterWords; now: Reading }> {
  await using asker = await openAsker(catalog, plan.cluster);
  const words = await asker.askAll(plan.nodes.filter(isData).map(({ name }) => name), ANSWER_MS);
  return { words, now: asker.now() };
}

/** The answers of one round: none of them is older than the wait for it. */
const freshMs = (plan: ClusterPlan): number => Math.max(plan.watch.freshMs, ANSWER_MS);

export const reportOf = ({ reports }: ClusterWords, name: string) => reports.find(({ observer }) => observer === name) ?? null;

/** Never heard of: older than everything. */
const silent = (name: string) => ({ observer: name, askedAt: { clock: 'never', ms: 0 }, value: { node: name } as SwitchoverFacts['primary']['report']['value'] });

const nodeNamed = (plan: ClusterPlan, name: string): ClusterNode => {
  const node = plan.nodes.find((one) => one.name === name);
  if (node === undefined) throw new OperationError('name_unknown', `node "${name}" is not in cluster "${plan.cluster}"`);
  return node;
};

function primaryOf(plan: ClusterPlan, { reports }: ClusterWords): { node: ClusterNode; server: ServerState } {
  const writable = reports.flatMap(({ observer, value: { server } }) => ('ok' in server && !server.ok.inRecovery ? [{ node: nodeNamed(plan, observer), server: server.ok }] : []));
  const [first] = writable;
  if (first !== undefined && writable.length === 1) return first;
  if (writable.length > 1) throw new OperationError('cluster_unfit', `${writable.length} nodes of cluster "${plan.cluster}" are writable`, { detail: `They are ${writable.map(({ node }) => node.name).join(', ')}.` });
  throw new OperationError('cluster_unfit', `no node of cluster "${plan.cluster}" is writable`, { detail: 'No agent reports a primary.', hint: `Run \`pgconvoy cluster show ${plan.cluster}\`; a switchover needs a primary that works, and \`pgconvoy cluster failover\` is for one that does not.` });
}
