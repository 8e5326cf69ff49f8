import { hostname } from 'node:os';

import { connectClient } from '../client/connect-client.ts';
import { describeQueues, takesWork } from '../client/queues.ts';
import { catalogAddress } from '../config/catalog-address.ts';
import { type EmbeddedFacts, readEmbeddedFacts, writeEmbeddedFacts } from '../config/embedded.ts';
import { checkInventory, findingLine, loadInventory } from '../config/inventory.ts';
import { findInventory } from '../config/find-inventory.ts';
import { stateDir } from '../config/paths.ts';
import { postgresFolders, temporalProgram } from '../config/program-folders.ts';
import { readPort, readSetting } from '../config/settings.ts';
import { temporalConnection, temporalIsConfigured } from '../config/temporal-connection.ts';
import { OperationError, type ErrorReport, reportOf } from '../domain/errors.ts';
import { findInstallations } from '../programs/postgres-installations.ts';
import { startCatalogPart } from '../providers/embedded/catalog-part.ts';
import type { PartName, StartedPart } from '../providers/embedded/part-folder.ts';
import { startStorePart } from '../providers/embedded/store-part.ts';
import { startTemporalPart } from '../providers/embedded/temporal-part.ts';
import { startWorkerPart } from '../providers/embedded/worker-part.ts';
import { version } from './program.ts';

/** What became of a part. `elsewhere`: configured by the operator, used and not started. */
export interface PartOutcome {
  readonly part: PartName;
  readonly state: 'started' | 'running' | 'elsewhere' | 'failed' | 'not-started';
  readonly address?: string;
  readonly log?: string;
  readonly error?: ErrorReport;
  /** What the operator should know or do. */
  readonly note?: string;
}

type Facts = Omit<EmbeddedFacts, 'version' | 'startedAt'>;

/** Starts the parts that hold data, side by side, and writes down where they are. A part that fails leaves the others running. */
export async function startFoundations(inventoryFlag: string | undefined): Promise<PartOutcome[]> {
  // A part that runs from before is not forgotten because this shell uses another one.
  const { version: _, startedAt, ...found } = readEmbeddedFacts() ?? { version: 1, startedAt: new Date().toISOString() };
  const outcomes = await Promise.all([startOurTemporal(found), startOurCatalog(found, inventoryFlag), startOurStore(found, inventoryFlag)]);
  const failed = outcomes.filter(({ state }) => state === 'failed').map(({ part }) => part as string);
  const kept = Object.fromEntries(Object.entries(found).filter(([part]) => !failed.includes(part)));
  writeEmbeddedFacts({ version: 1, startedAt, ...kept });
  return outcomes;
}

function startOurTemporal(found: Facts): Promise<PartOutcome> {
  return outcomeOf('temporal', async () => {
    if (temporalIsConfigured()) return { part: 'temporal', state: 'elsewhere', address: addressOfTemporal() };
    const started = await startTemporalPart({ stateDir: stateDir(), program: temporalProgram(), port: readPort('temporalPort'), uiPort: readPort('temporalUiPort') });
    const { address, uiUrl } = started.facts;
    found.temporal = { address, namespace: 'default', uiUrl };
    return { ...ours('temporal', started), address: `${address}, web page ${uiUrl}` };
  });
}

function startOurCatalog(found: Facts, inventoryFlag: string | undefined): Promise<PartOutcome> {
  return outcomeOf('catalog', async () => {
    if (readSetting('catalog') !== undefined) return { part: 'catalog', state: 'elsewhere', address: addressOfCatalog(inventoryFlag) };
    const started = await startCatalogPart({ stateDir: stateDir(), port: readPort('catalogPort'), installations: await findInstallations(postgresFolders()) });
    const { version: _, ...catalog } = started.facts;
    found.catalog = catalog;
    return { ...ours('catalog', started), address: `${catalog.host}:${catalog.port}/${catalog.database}` };
  });
}

function startOurStore(found: Facts, inventoryFlag: string | undefined): Promise<PartOutcome> {
  return outcomeOf('store', async () => {
    const configured = configuredStores(inventoryFlag);
    if (configured.length > 0) return { part: 'store', state: 'elsewhere', address: configured.join(', ') };
    const started = await startStorePart({ stateDir: stateDir(), port: readPort('storePort') });
    const { endpoint, account, keyFile } = started.facts;
    found.store = { endpoint, account, keyFile };
    return { ...ours('store', started), address: endpoint };
  });
}

/** Starts the worker; without an inventory that can be read, says what it needs. */
export async function startOurWorker(inventoryFlag: string | undefined): Promise<PartOutcome> {
  let inventory: string;
  try {
    inventory = findInventory(inventoryFlag);
    loadInventory(inventory);
  } catch (error) {
    const { hint, ...report } = reportOf(error);
    return { part: 'worker', state: 'not-started', error: { ...report, ...(hint === undefined ? {} : { hint: `${hint} Then run \`pgconvoy up\` again.` }) } };
  }
  return await outcomeOf('worker', async () => {
    await using open = await connectClient(temporalConnection());
    const started = await startWorkerPart({
      stateDir: stateDir(),
      inventory,
      temporal: addressOfTemporal(),
      catalog: addressOfCatalog(inventoryFlag),
      version: version(),
      takesWork: async (pid) => takesWork(await describeQueues(open.client), hostname(), pid),
    });
    const note = workerNote(inventory, started.facts.inventory);
    return { ...ours('worker', started), address: `inventory ${started.facts.inventory}`, ...(note === undefined ? {} : { note }) };
  });
}

function workerNote(wanted: string, used: string): string | undefined {
  if (wanted !== used) return `It runs with another inventory than ${wanted}. To change that: \`pgconvoy down\`, then \`pgconvoy up\`.`;
  const unresolved = checkInventory(used).filter(({ severity }) => severity === 'warning');
  if (unresolved.length === 0) return undefined;
  return ['It sees the environment of the shell that started it, and there:', ...unresolved.map((finding) => findingLine(used, finding)), 'Mend that, then `pgconvoy down` and `pgconvoy up`.'].join('\n');
}

/** The names of the stores in the inventory; none when there is no inventory to read. */
export function configuredStores(inventoryFlag: string | undefined): string[] {
  try {
    return Object.keys(loadInventory(findInventory(inventoryFlag)).stores);
  } catch (error) {
    if (error instanceof OperationError) return [];
    throw error;
  }
}

export const addressOfTemporal = (): string => temporalConnection().connectionOptions.address ?? '127.0.0.1:7233';

export function addressOfCatalog(inventoryFlag: string | undefined): string {
  const { address, database } = catalogAddress(inventoryFlag);
  return `${address.host}:${address.port}/${database}`;
}

const ours = (part: PartName, { startedNow }: StartedPart<unknown>): PartOutcome => ({ part, state: startedNow ? 'started' : 'running' });

async function outcomeOf(part: PartName, start: () => Promise<PartOutcome>): Promise<PartOutcome> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof OperationError) return { part, state: 'failed', error: reportOf(error) };
    throw error;
  }
}
