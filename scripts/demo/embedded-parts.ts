import { join } from 'node:path';

import { writeEmbeddedFacts } from '../../config/embedded.ts';
import { temporalProgram } from '../../config/program-folders.ts';
import { connect } from '../../postgres/connection.ts';
import { freePort } from '../../programs/ports.ts';
import type { PostgresInstallation } from '../../programs/postgres-installations.ts';
import { missing } from '../../programs/run-program.ts';
import { startTemporalServer, type TemporalServer } from '../../programs/temporal-server.ts';
import { partFolder, processFile } from './demo-folder.ts';
import { startDemoServer, type DemoServer } from './demo-servers.ts';

const CATALOG_DATABASE = 'pgconvoy';

/**
 * What `pgconvoy up` starts, on free ports and in the demo's folder, so that a demo neither uses nor disturbs what runs on
 * this machine already. {@link useOnlyDemoParts} comes first.
 */
export async function startEmbeddedParts(demo: string, installation: PostgresInstallation): Promise<{ uiUrl: string }> {
  const temporal = await startTemporal(demo);
  const catalog = await startCatalog(demo, installation);
  const { host, port, user } = catalog.address;
  const uiUrl = temporal.uiUrl ?? '';
  writeEmbeddedFacts({
    version: 1,
    startedAt: new Date().toISOString(),
    temporal: { address: temporal.address, namespace: 'default', uiUrl },
    catalog: { host, port, user, database: CATALOG_DATABASE, passwordFile: catalog.passwordFile },
  });
  return { uiUrl };
}

/** Makes this process and all it starts see the demo's parts, whatever else is configured for the user. */
export function useOnlyDemoParts(demo: string, inventoryFile: string): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('TEMPORAL_')) delete process.env[name];
  }
  delete process.env['PGCONVOY_CATALOG'];
  process.env['PGCONVOY_STATE'] = join(demo, 'state');
  process.env['PGCONVOY_INVENTORY'] = inventoryFile;
}

async function startTemporal(demo: string): Promise<TemporalServer> {
  const program = temporalProgram();
  if (program === undefined) throw missing('temporal');
  const folder = await partFolder(demo, 'temporal');
  return await startTemporalServer({
    program,
    port: await freePort(),
    uiPort: await freePort(),
    dbFile: join(folder, 'temporal.db'),
    logFile: join(folder, 'server.log'),
    pidFile: processFile(folder),
  });
}

async function startCatalog(demo: string, installation: PostgresInstallation): Promise<DemoServer> {
  const catalog = await startDemoServer(demo, { name: 'catalog', installation, settings: { shared_buffers: '32MB' } });
  await using session = await connect(catalog.address, { purpose: 'demo' });
  await session.execute(`CREATE DATABASE ${CATALOG_DATABASE}`);
  return catalog;
}
