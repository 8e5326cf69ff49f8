import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { expect, it } from 'vitest';

import { workflowResult } from '../../client/backups.ts';
import { startSwitchover, type SwitchoverResult } from '../../client/clusters.ts';
import { until } from '../../test/support/bed-wait.ts';
import { openClusterBed, type ClusterBed } from '../../test/support/cluster-bed.ts';
import { switchoverWorkflowId } from '../../workflows/messages.ts';

const ROOT = join(import.meta.dirname, '../..');
const ENTRY = { watch: { automaticFailover: false, coolDown: '10m' }, window: { budget: '60s', silence: '30s' }, lease: { selfStop: '60s' } };

async function keep({ client }: ClusterBed, name: string, workflowId: string): Promise<void> {
  const text = historyToJSON(await client.workflow.getHandle(workflowId).fetchHistory());
  // Stack traces name the checkout they came from; a replay does not look at them.
  await writeFile(join(ROOT, 'test/histories', `${name}.json`), `${text.replaceAll(`${ROOT}/`, '')}\n`);
}

it('a switchover, and one that the cool-down refuses', async () => {
  await using bed = await openClusterBed({ entry: ENTRY });
  const { cluster, client } = bed;
  const run = async (dryRun = false): Promise<SwitchoverResult> => await workflowResult<SwitchoverResult>(client, await startSwitchover(client, { cluster, requestedBy: 'a recording', dryRun }));
  await until('the agents to have said how it is', async () => (await run(true)).plan?.preflight.canProceed === true);
  for (const [name, end] of [['success', 'SUCCESS'], ['refused', 'ABORTED']] as const) {
    const { end: ended, problems } = await run();
    expect({ ended, problems: name === 'success' ? problems : [] }).toEqual({ ended: end, problems: [] });
    await keep(bed, `switch-over-cluster-${name}`, switchoverWorkflowId(cluster));
  }
});
