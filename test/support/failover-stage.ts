import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { inject } from 'vitest';

import { readWell } from '../../catalog/cluster/last-known.ts';
import { listNodes } from '../../catalog/cluster/nodes.ts';
import { failoverProgress, type FailoverProgress, type FailoverResult, startWatch, stopWatch, watchState } from '../../client/clusters.ts';
import { reportProbe, type ProbeReport } from '../../domain/cluster/drill/probe-report.ts';
import { parseRecord, type RecordLine } from '../../domain/cluster/drill/record.ts';
import type { WatchState } from '../../domain/cluster/failover/watch-state.ts';
import { findProbeRows } from '../../postgres/probe/found-rows.ts';
import { DEFAULT_LIMITS, type ProbeRoute } from '../../postgres/probe/probe-route.ts';
import { runProbe } from '../../postgres/probe/run-probe.ts';
import { APPLICATION_DATABASE } from '../../scripts/cluster-world/world-servers.ts';
import { failoverWorkflowId } from '../../workflows/messages.ts';
import { until } from './bed-wait.ts';
import type { ClusterBed } from './cluster-bed.ts';
import { uniqueName } from './unique-name.ts';

export interface ClientSide extends AsyncDisposable {
  /** Acknowledged writes so far. */
  acked(): number;
  /** Resolves when so many more writes were acknowledged. */
  more(count: number): Promise<void>;
  /** Ends it and counts what is there on the servers that take writes. */
  report(): Promise<ProbeReport>;
}

/** An application that knows all nodes and writes wherever it is let. */
export async function startClients(bed: ClusterBed, writers = 4): Promise<ClientSide> {
  const route: ProbeRoute = { hosts: bed.nodes.map(({ host, port }) => ({ host, port })), user: 'postgres', password: bed.passwords.superuser, database: APPLICATION_DATABASE, tls: { mode: 'disable' }, limits: DEFAULT_LIMITS };
  const stop = new AbortController();
  const lines: RecordLine[] = [];
  const run = uniqueName('run');
  const ledger = join(inject('runFolder'), `${run}.ledger`);
  let ready = (): void => undefined;
  const begun = new Promise<void>((resolve) => (ready = resolve));
  const ended = runProbe({ run, route, writers, readers: 0, rate: 200, ledger, signal: stop.signal, flushed: (more) => lines.push(...more), ready: () => ready() });
  await Promise.race([begun, ended]);
  const acked = (): number => lines.filter(([letter]) => letter === 'A').length;
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  return {
    acked,
    more: async (count) => {
      const wanted = acked() + count;
      await until(`${count} more writes`, () => Promise.resolve(acked() >= wanted));
    },
    report: async () => {
      await end();
      return reportProbe(parseRecord(await readFile(ledger, 'utf8')), await findProbeRows(route, run));
    },
    [Symbol.asyncDispose]: end,
  };
}

/** Starts the watcher and waits until it has seen a primary and a standby that streams. */
export async function watchUntilWell(bed: ClusterBed, primary: string): Promise<void> {
  // A Temporal that has just come up turns down its first calls on a busy machine.
  await until('the watcher to start', () => startWatch(bed.client, { cluster: bed.cluster, requestedBy: 'a test' }).catch(() => undefined));
  await allWell(bed, primary);
}

export const allWell = (bed: ClusterBed, primary: string): Promise<unknown> =>
  until(`${primary} to be seen well`, async () => {
    const well = await readWell(bed.catalog, bed.cluster);
    return well?.primary === primary && well.redundant && well.ageMs < 3000;
  }, async () => [await readWell(bed.catalog, bed.cluster), await watchState(bed.client, bed.cluster)]);

export const unwatch = (bed: ClusterBed): Promise<boolean> => stopWatch(bed.client, bed.cluster);

/** A state of the watcher that is as wanted. */
export const watcherSays = (bed: ClusterBed, what: string, fits: (state: WatchState) => boolean): Promise<WatchState> =>
  until(what, async () => {
    const state = await watchState(bed.client, bed.cluster).catch(() => undefined);
    return state !== undefined && fits(state) ? state : undefined;
  }, () => watchState(bed.client, bed.cluster));

/** The newest failover, until somebody is promoted in it. */
export const promotedNode = (bed: ClusterBed, than: string | null = null): Promise<FailoverProgress> =>
  until('a new primary', async () => {
    const progress = await failoverProgress(bed.client, bed.cluster);
    return progress !== undefined && progress.promoted !== null && progress.operation !== than ? progress : undefined;
  }, () => failoverProgress(bed.client, bed.cluster));

export const failoverEnd = async (bed: ClusterBed): Promise<FailoverResult> => (await bed.client.workflow.getHandle(failoverWorkflowId(bed.cluster)).result()) as FailoverResult;

export const failoverBegun = (bed: ClusterBed): Promise<boolean> => bed.client.workflow.getHandle(failoverWorkflowId(bed.cluster)).describe().then(() => true, () => false);

export async function writableNodes(bed: ClusterBed): Promise<string[]> {
  const found: string[] = [];
  for (const { name } of bed.nodes) {
    const session = await bed.session(name).catch(() => undefined);
    if (session === undefined) continue;
    const { recovering } = await session.row<{ recovering: boolean }>('SELECT pg_is_in_recovery() AS recovering').catch(() => ({ recovering: true }));
    if (!recovering) found.push(name);
    session.destroy();
  }
  return found;
}

export const registeredPrimary = async (bed: ClusterBed): Promise<string | undefined> => (await listNodes(bed.catalog, bed.cluster)).find(({ declaration }) => declaration.role === 'primary')?.declaration.name;

/** Changes lines of the inventory; whoever decides reads it anew. */
export async function editInventory(bed: ClusterBed, edit: (text: string) => string): Promise<void> {
  await writeFile(bed.inventory, edit(await readFile(bed.inventory, 'utf8')));
}
