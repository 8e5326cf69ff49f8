import { uuid4 } from '@temporalio/workflow';

import { reportOfFailure } from '../failure.ts';
import { onNodeWithin, urgently } from './node-proxies.ts';

/** G3: one attempt to start a dead primary again where it is, under a lock and an epoch of its own. Gives what kept it from that. */
export async function restartLocally({ cluster, node, by }: { readonly cluster: string; readonly node: string; readonly by: string }): Promise<string | undefined> {
  const operation = uuid4().replaceAll('-', '').slice(0, 10);
  try {
    const epoch = await urgently.beginRestart.executeWithOptions({ summary: `take cluster ${cluster}` }, [{ cluster, operation, requestedBy: by }]);
    await onNodeWithin(node, '10s', '2m').startNode.executeWithOptions({ summary: `start ${node} again`, retry: { maximumAttempts: 1 } }, [{ cluster, operation, epoch, as: 'primary' }]);
    return undefined;
  } catch (error) {
    return reportOfFailure(error).message;
  } finally {
    await urgently.freeCluster.executeWithOptions({ summary: 'give the cluster back' }, [{ cluster, operation }]);
  }
}
