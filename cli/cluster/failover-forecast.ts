import { hostname } from 'node:os';

import { openAsker } from '../../catalog/cluster/asker.ts';
import { readLastServing, readMarks } from '../../catalog/cluster/last-known.ts';
import { listNodes, readSystemIdentifier } from '../../catalog/cluster/nodes.ts';
import { readRecord } from '../../catalog/cluster/watch-record.ts';
import type { Catalog } from '../../catalog/open-catalog.ts';
import type { Inventory } from '../../config/inventory-schema.ts';
import { planOfCluster } from '../../config/resolve-cluster.ts';
import { primaryOf, type Situation, viewOf } from '../../domain/cluster/failover/assess.ts';
import { classify } from '../../domain/cluster/failover/classify.ts';
import { forecast, type FailoverForecast } from '../../domain/cluster/failover/forecast.ts';
import { judgeGates } from '../../domain/cluster/failover/gates.ts';
import { lostPrimaryOf } from '../../domain/cluster/failover/lost-primary.ts';
import { emptyMemory, remember } from '../../domain/cluster/failover/memory.ts';
import { quorumText } from '../../domain/cluster/failover/progress.ts';
import { OperationError } from '../../domain/errors.ts';
import { textTable } from '../output.ts';

export interface ForecastWish {
  readonly cluster: string;
  readonly named: string | null;
  readonly acceptLoss: boolean;
  readonly forced: boolean;
  readonly consent: boolean;
}

/** Twice the time that an agent takes at most to see that somebody does not answer. */
const ANSWER_MS = 2500;

/** Asks all agents once and says what a failover would find. Orders nobody to do anything. Throws `cluster_unknown`, `cluster_unfit`. */
export async function forecastFailover(catalog: Catalog, inventory: Inventory, wish: ForecastWish): Promise<FailoverForecast> {
  const { cluster } = wish;
  const plan = planOfCluster(inventory, cluster, (await listNodes(catalog, cluster)).map(({ declaration }) => declaration));
  const systemIdentifier = await readSystemIdentifier(catalog, cluster);
  if (systemIdentifier === undefined) throw new OperationError('cluster_unknown', `cluster "${cluster}" is not registered`);
  const primary = primaryOf(plan.nodes);
  if (primary === undefined) throw new OperationError('cluster_unfit', `cluster "${cluster}" has no primary`, { detail: 'No node is registered as one.' });
  await using asker = await openAsker(catalog, cluster);
  const begun = asker.now();
  await asker.askAll(plan.nodes.map(({ name }) => name), ANSWER_MS / 2);
  // A second round: who has just lost the primary has seen it by then.
  const { reports, histories, sightings } = await asker.askAll(plan.nodes.map(({ name }) => name), ANSWER_MS / 2);
  const [marks, serving] = await catalog.sessions.use(async (session) => [await readMarks(session, cluster), await readLastServing(session, cluster, primary.name)] as const);
  const now = asker.now();
  const memory = remember(emptyMemory(begun), { reports, sightings, marks, now });
  const situation: Situation = { plan, primary, reports, histories, sightings, memory, outside: outsideOf(sightings.map(({ observer }) => observer)), now };
  const lost = lostPrimaryOf(primary.name, serving, systemIdentifier);
  const classification = classify(viewOf(situation));
  const record = await readRecord(catalog, { cluster, primary: primary.name, well: null, now });
  return forecast({ ...wish, plan, situation, lost, gates: judgeGates({ policy: plan.watch, record, classification, now }) });
}

/** A watcher on this machine is a vantage point; what others saw that may be gone does not count here. */
const outsideOf = (observers: readonly string[]): Situation['outside'] => (observers.includes(`worker:${hostname()}`) ? [{ name: `worker:${hostname()}`, machine: hostname() }] : []);

const mark = (good: boolean): string => (good ? 'yes' : 'no');

export function forecastText({ cluster, primary, classification, gates, proofs, election, lost, wouldPromote, reasons }: FailoverForecast): string {
  const { winner, excluded, quorum } = election;
  return [
    `Cluster "${cluster}", primary ${primary}: ${classification.class} (${classification.rule}). ${classification.reason}`,
    '',
    textTable(['gate of the watcher', 'open', ''], gates.map(({ rule, open, reason }) => [rule, mark(open), reason])),
    '',
    textTable(['proof of the fence', 'possible', ''], proofs.map(({ rule, possible, reason }) => [rule, mark(possible), reason])),
    '',
    textTable(['node', 'may be promoted', ''], [...(winner === null ? [] : [[winner.node, 'yes', winner.reason]]), ...excluded.map(({ node, rule, reason, override }) => [node, `no (${rule})`, `${reason}${override === null ? '' : ` To allow it: ${override}.`}`])]),
    '',
    ...(quorum === null ? [] : [quorumText(quorum)]),
    lost === null ? 'Nothing is kept of the primary: what would be lost is not known.' : `It last said that it had written up to ${lost.writeLsn}${lost.acknowledgedLsn === null ? '' : `, acknowledged up to ${lost.acknowledgedLsn}`}.`,
    ...(winner === null ? [] : [`Loss by that: ${winner.lossBytes} bytes at least.`]),
    '',
    wouldPromote ? `A failover would promote ${winner?.node}.` : `A failover would promote nobody: ${reasons.join(' ')}`,
  ].join('\n');
}
