import { loadClientConnectConfig } from '@temporalio/envconfig';

import { readEmbeddedFacts } from './embedded.ts';

/** What `Connection.connect` and `NativeConnection.connect` take, and the namespace. */
export type TemporalConnection = ReturnType<typeof loadClientConnectConfig> & { readonly namespace: string };

/**
 * The Temporal server as the TEMPORAL_* variables and profiles say, else the embedded one.
 * https://docs.temporal.io/develop/environment-configuration
 */
export function temporalConnection(): TemporalConnection {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const embedded = readEmbeddedFacts()?.temporal;
  if (connectionOptions.address !== undefined || embedded === undefined) return { connectionOptions, namespace: namespace ?? 'default' };
  return { connectionOptions: { ...connectionOptions, address: embedded.address }, namespace: namespace ?? embedded.namespace };
}

/** Whether a Temporal server is configured, so that `pgconvoy up` need not start one. */
export const temporalIsConfigured = (): boolean => loadClientConnectConfig().connectionOptions.address !== undefined;
