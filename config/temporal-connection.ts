import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';

import { OperationError } from '../domain/errors.ts';
import { readEmbeddedFacts } from './embedded.ts';

/** What `Connection.connect` and `NativeConnection.connect` take, and the namespace. */
export type TemporalConnection = ClientConnectConfig & { readonly namespace: string };

/**
 * The Temporal server as the TEMPORAL_* variables and profiles say, else the embedded one. Throws `setting_invalid`.
 * https://docs.temporal.io/develop/environment-configuration
 */
export function temporalConnection(): TemporalConnection {
  const { connectionOptions, namespace } = readProfile();
  const embedded = readEmbeddedFacts()?.temporal;
  if (connectionOptions.address !== undefined || embedded === undefined) return { connectionOptions, namespace: namespace ?? 'default' };
  return { connectionOptions: { ...connectionOptions, address: embedded.address }, namespace: embedded.namespace };
}

/** Whether a Temporal server is configured, so that `pgconvoy up` need not start one. Throws `setting_invalid`. */
export const temporalIsConfigured = (): boolean => readProfile().connectionOptions.address !== undefined;

/** Temporal's own reader throws bare Errors: for an unknown profile, a file that is no TOML, a certificate that is not there. */
function readProfile(): ClientConnectConfig {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    throw new OperationError('setting_invalid', 'the TEMPORAL_* settings cannot be used', { detail: (error as Error).message, cause: error });
  }
}
