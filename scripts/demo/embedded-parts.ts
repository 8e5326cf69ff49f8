import { writeEmbeddedFacts } from '../../config/embedded.ts';
import { temporalProgram } from '../../config/program-folders.ts';
import { freePort } from '../../programs/ports.ts';
import type { PostgresInstallation } from '../../programs/postgres-installations.ts';
import { startCatalogPart } from '../../providers/embedded/catalog-part.ts';
import { startStorePart, type StoreFacts } from '../../providers/embedded/store-part.ts';
import { startTemporalPart } from '../../providers/embedded/temporal-part.ts';

/**
 * What `pgconvoy up` starts, on free ports and in the demo's folder, so that a demo neither uses nor disturbs what runs on
 * this machine already. {@link useOnlyDemoParts} comes first.
 */
export async function startEmbeddedParts(demo: string, installation: PostgresInstallation, wanted: { readonly store: boolean } = { store: false }): Promise<{ uiUrl: string; store: StoreFacts | undefined }> {
  const temporal = await startTemporalPart({ stateDir: demo, program: temporalProgram(), port: await freePort(), uiPort: await freePort() });
  const catalog = await startCatalogPart({ stateDir: demo, port: await freePort(), installations: [installation] });
  const store = wanted.store ? (await startStorePart({ stateDir: demo, port: await freePort() })).facts : undefined;
  const { address, uiUrl } = temporal.facts;
  const { host, port, user, database, passwordFile } = catalog.facts;
  writeEmbeddedFacts({ version: 1, startedAt: new Date().toISOString(), temporal: { address, namespace: 'default', uiUrl }, catalog: { host, port, user, database, passwordFile } });
  return { uiUrl, store };
}

/** Makes this process and all it starts see the demo's parts, whatever else is configured for the user. */
export function useOnlyDemoParts(demo: string, inventoryFile: string): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('TEMPORAL_')) delete process.env[name];
  }
  delete process.env['PGCONVOY_CATALOG'];
  process.env['PGCONVOY_STATE'] = demo;
  process.env['PGCONVOY_INVENTORY'] = inventoryFile;
}
