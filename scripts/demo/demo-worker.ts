import { hostname } from 'node:os';

import { connectClient } from '../../client/connect-client.ts';
import { describeQueues, takesWork } from '../../client/queues.ts';
import { version } from '../../cli/program.ts';
import { addressOfCatalog, addressOfTemporal } from '../../cli/embedded-parts.ts';
import { findInventory } from '../../config/find-inventory.ts';
import { temporalConnection } from '../../config/temporal-connection.ts';
import { startWorkerPart } from '../../providers/embedded/worker-part.ts';

/** Starts a worker as `pgconvoy up` does, and waits until it takes work from Temporal. */
export async function startDemoWorker(demo: string): Promise<void> {
  await using open = await connectClient(temporalConnection());
  await startWorkerPart({
    stateDir: demo,
    inventory: findInventory(),
    temporal: addressOfTemporal(),
    catalog: addressOfCatalog(undefined),
    version: version(),
    takesWork: async (pid) => takesWork(await describeQueues(open.client), hostname(), pid),
  });
}
