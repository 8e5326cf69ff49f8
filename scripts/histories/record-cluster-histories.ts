import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { it } from 'vitest';

import { workflowResult } from '../../client/backups.ts';
import { startFailover } from '../../client/clusters.ts';
import { type ClusterBed, openClusterBed } from '../../test/support/cluster-bed.ts';
import { failoverEnd, promotedNode, unwatch, watchUntilWell } from '../../test/support/failover-stage.ts';
import { failoverWorkflowId, redundancyWorkflowId, watchWorkflowId } from '../../workflows/messages.ts';

const ROOT = join(import.meta.dirname, '../..');

async function keep({ client }: ClusterBed, name: string, workflowId: string): Promise<void> {
  const text = historyToJSON(await client.workflow.getHandle(workflowId).fetchHistory());
  // Stack traces name the checkout they came from; a replay does not look at them.
  await writeFile(join(ROOT, 'test/histories', `${name}.json`), `${text.replaceAll(`${ROOT}/`, '')}\n`);
}

it('a primary that is lost, and one that is not', async () => {
  await using bed = await openClusterBed({ entry: { watch: { coolDown: '1s' } } });
  await watchUntilWell(bed, 'n1');
  await workflowResult(bed.client, await startFailover(bed.client, { cluster: bed.cluster, requestedBy: 'a recording' }));
  await keep(bed, 'fail-over-cluster-aborted', failoverWorkflowId(bed.cluster));
  await bed.kill('n1', 'tree');
  await promotedNode(bed);
  const { operation } = await failoverEnd(bed);
  await bed.client.workflow.getHandle(redundancyWorkflowId(bed.cluster, operation)).result();
  await unwatch(bed);
  await bed.client.workflow.getHandle(watchWorkflowId(bed.cluster)).result().catch(() => undefined);
  await keep(bed, 'fail-over-cluster-completed', failoverWorkflowId(bed.cluster));
  await keep(bed, 'restore-redundancy-completed', redundancyWorkflowId(bed.cluster, operation));
  await keep(bed, 'watch-cluster-failed-over', watchWorkflowId(bed.cluster));
});
