import { Client, Connection, type ConnectionOptions } from '@temporalio/client';

import { OperationError } from '../domain/errors.ts';

export interface OpenClient extends AsyncDisposable {
  readonly client: Client;
}

/** Opens the way in to Temporal. Throws `temporal_unreachable`. */
export async function connectClient(settings: { readonly connectionOptions: ConnectionOptions; readonly namespace: string }): Promise<OpenClient> {
  const { connectionOptions, namespace } = settings;
  try {
    const connection = await Connection.connect({ connectTimeout: '10s', ...connectionOptions });
    return { client: new Client({ connection, namespace }), [Symbol.asyncDispose]: () => connection.close() };
  } catch (error) {
    throw new OperationError('temporal_unreachable', `could not reach the Temporal server at ${connectionOptions.address ?? '127.0.0.1:7233'}`, { detail: (error as Error).message, cause: error });
  }
}
