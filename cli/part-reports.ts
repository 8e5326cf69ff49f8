import { hostname } from 'node:os';

import { type OpenClient, connectClient } from '../client/connect-client.ts';
import { describeQueues, type QueueReport, takesWork } from '../client/queues.ts';
import { type RunUnderWay, runsUnderWay } from '../client/runs-under-way.ts';
import { catalogAddress } from '../config/catalog-address.ts';
import { stateDir } from '../config/paths.ts';
import { readSetting } from '../config/settings.ts';
import { temporalConnection, temporalIsConfigured } from '../config/temporal-connection.ts';
import { type ErrorReport, OperationError, reportOf } from '../domain/errors.ts';
import { connect } from '../postgres/connection.ts';
import { reportCatalogPart } from '../providers/embedded/catalog-part.ts';
import type { PartReport } from '../providers/embedded/part-folder.ts';
import { reportStorePart } from '../providers/embedded/store-part.ts';
import { reportTemporalPart } from '../providers/embedded/temporal-part.ts';
import { reportWorkerPart } from '../providers/embedded/worker-part.ts';
import { addressOfCatalog, addressOfTemporal, configuredStores } from './embedded-parts.ts';

/** A part as `pgconvoy status` shows it. `elsewhere`: the operator's own, and it answers. */
export interface ShownPart extends Omit<PartReport, 'state'> {
  readonly state: PartReport['state'] | 'elsewhere';
  readonly error?: ErrorReport;
}

export interface StatusReport {
  /** Nothing that is needed is down. */
  readonly ok: boolean;
  readonly parts: readonly ShownPart[];
  /** Absent when Temporal cannot be asked. */
  readonly queues?: readonly QueueReport[];
  readonly runs?: readonly RunUnderWay[];
}

/** Looks at every part, ours or the operator's, and at what is going on. */
export async function reportStatus(inventoryFlag: string | undefined): Promise<StatusReport> {
  const temporal = await reportTemporal();
  const asked = temporal.state === 'running' || temporal.state === 'elsewhere' ? await askTemporal() : undefined;
  const queues = asked?.queues;
  const worker = await reportWorkerPart(stateDir(), async (pid) => takesWork(queues ?? [], hostname(), pid) && queues !== undefined);
  const parts: ShownPart[] = [temporal, await reportCatalog(inventoryFlag), await reportStore(inventoryFlag), othersWork(worker, queues)];
  return { ok: parts.every(({ state }) => state === 'running' || state === 'elsewhere'), parts, ...asked };
}

async function reportTemporal(): Promise<ShownPart> {
  if (!temporalIsConfigured()) return await reportTemporalPart(stateDir());
  return await answering('temporal', addressOfTemporal, async () => {
    await using _ = await connectClient(temporalConnection());
    return {};
  });
}

async function reportCatalog(inventoryFlag: string | undefined): Promise<ShownPart> {
  if (readSetting('catalog') === undefined) return await reportCatalogPart(stateDir());
  return await answering('catalog', () => addressOfCatalog(inventoryFlag), async () => {
    const { address, database } = catalogAddress(inventoryFlag);
    await using session = await connect(address, { purpose: 'status', database });
    return { version: String(session.major) };
  });
}

async function reportStore(inventoryFlag: string | undefined): Promise<ShownPart> {
  const stores = configuredStores(inventoryFlag);
  return stores.length === 0 ? await reportStorePart(stateDir()) : { part: 'store', state: 'elsewhere', address: stores.join(', ') };
}

/** A part of the operator's: it answers, or why not. */
async function answering(part: PartReport['part'], address: () => string, ask: () => Promise<{ version?: string }>): Promise<ShownPart> {
  try {
    return { part, state: 'elsewhere', address: address(), ...(await ask()) };
  } catch (error) {
    if (error instanceof OperationError) return { part, state: 'not-answering', error: reportOf(error) };
    throw error;
  }
}

/** Without a worker of ours, one that was started by hand, or on another host, will do. */
function othersWork(worker: PartReport, queues: readonly QueueReport[] | undefined): ShownPart {
  const served = queues?.every(({ pollers }) => pollers.length > 0) ?? false;
  return worker.state === 'stopped' && served ? { part: 'worker', state: 'elsewhere', address: [...new Set(queues!.flatMap(({ pollers }) => pollers.map(({ identity }) => identity)))].join(', ') } : worker;
}

async function askTemporal(): Promise<{ queues: QueueReport[]; runs: RunUnderWay[] } | undefined> {
  let open: OpenClient;
  try {
    open = await connectClient(temporalConnection());
  } catch {
    return undefined; // the row of the part says so
  }
  await using _ = open;
  const [queues, runs] = await Promise.all([describeQueues(open.client), runsUnderWay(open.client)]);
  return { queues, runs };
}
