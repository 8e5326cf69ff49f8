/** Compares a store with the catalog, both ways: what the store has lost, and what nobody knows of. Removes and adds only what the input says. */
import { isCancellation, setCurrentDetails, upsertSearchAttributes, uuid4, workflowInfo } from '@temporalio/workflow';
import { z } from 'zod';

import type { StoreInventory } from '../activities/backup/take-inventory.ts';
import { failureOf, reportOfFailure } from './failure.ts';
import { KIND_ATTRIBUTE, STATE_ATTRIBUTE, SUBJECT_ATTRIBUTE } from './messages.ts';
import { parseInput } from './migration-input.ts';
import { patiently } from './proxies.ts';

export const takeBackupInventoryInput = z.strictObject({
  store: z.string().min(1).default('default').describe('A name under `stores` of the inventory; `default` is the one of `pgconvoy up` while there are none.'),
  adopt: z.boolean().default(false).describe('Write backups that the catalog does not know into it, out of their manifests.'),
  sweep: z.boolean().default(false).describe('Remove objects that belong to no backup.'),
  requestedBy: z.string().min(1).default('unknown').describe('Who asks; kept in the audit.'),
});

export type TakeBackupInventoryInput = z.input<typeof takeBackupInventoryInput>;
export type TakeBackupInventoryResult = StoreInventory;

export async function takeBackupInventory(input: TakeBackupInventoryInput): Promise<TakeBackupInventoryResult> {
  const order = parseInput(takeBackupInventoryInput, input, { store: 'default', requestedBy: 'your name' });
  const runId = `${workflowInfo().startTime.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${uuid4().slice(0, 8)}`;
  upsertSearchAttributes([{ key: KIND_ATTRIBUTE, value: 'inventory' }, { key: SUBJECT_ATTRIBUTE, value: order.store }, { key: STATE_ATTRIBUTE, value: 'running' }]);
  setCurrentDetails(`Comparing store **${order.store}** with the catalog.`);
  try {
    const found = await patiently.takeInventory.executeWithOptions({ summary: `compare store ${order.store} with the catalog` }, [{ ...order, runId }]);
    setCurrentDetails([`Store **${order.store}**:`, ...Object.entries(found.counts).map(([kind, count]) => `- ${count} ${kind}`), ...found.degraded.map((backupId) => `- **${backupId}** does not count any more`)].join('\n'));
    upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: 'completed' }]);
    return found;
  } catch (error) {
    upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: 'failed' }]);
    throw isCancellation(error) ? error : failureOf(reportOfFailure(error));
  }
}
