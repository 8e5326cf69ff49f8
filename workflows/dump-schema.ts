/** Puts the definitions of a database, without its rows, into a store. Changes nothing on the server. */
import { setCurrentDetails, upsertSearchAttributes, uuid4, workflowInfo } from '@temporalio/workflow';
import { z } from 'zod';

import type { StoredSchema } from '../activities/schema/dump-schema.ts';
import { bytesText } from '../domain/migration/progress.ts';
import { failureOf, reportOfFailure } from './failure.ts';
import { KIND_ATTRIBUTE, STATE_ATTRIBUTE, SUBJECT_ATTRIBUTE } from './messages.ts';
import { parseInput } from './migration-input.ts';
import { patiently } from './proxies.ts';

/** The one JSON object that starts it. Names only: no address, no secret. */
export const dumpSchemaInput = z.strictObject({
  server: z.string().min(1).describe('A name under `servers` of the inventory.'),
  database: z.string().min(1),
  store: z.string().min(1).default('default').describe('A name under `stores` of the inventory; `default` is the one of `pgconvoy up` while there are none.'),
  format: z.enum(['custom', 'plain']).default('custom').describe('custom: for pg_restore; plain: SQL.'),
  owners: z.boolean().default(true),
  privileges: z.boolean().default(true),
  schemas: z.array(z.string().min(1)).min(1).optional().describe('Only these schemas.'),
  requestedBy: z.string().min(1).default('unknown').describe('Who asks; kept in the audit.'),
});

export type DumpSchemaInput = z.input<typeof dumpSchemaInput>;

export interface DumpSchemaResult extends StoredSchema {
  readonly runId: string;
}

export async function dumpSchema(input: DumpSchemaInput): Promise<DumpSchemaResult> {
  const order = parseInput(dumpSchemaInput, input, { server: 'shop-old', database: 'shop', requestedBy: 'your name' });
  // Of the start of the workflow and of chance: names of objects sort by time and never meet.
  const runId = `${workflowInfo().startTime.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${uuid4().slice(0, 8)}`;
  upsertSearchAttributes([{ key: KIND_ATTRIBUTE, value: 'schema-dump' }, { key: SUBJECT_ATTRIBUTE, value: order.server }, { key: STATE_ATTRIBUTE, value: 'running' }]);
  setCurrentDetails(`Dumping the schema of **${order.database}** on server **${order.server}** to store **${order.store}**.`);
  try {
    const stored = await patiently.dumpSchemaToStore.executeWithOptions({ summary: `dump the schema of ${order.database} on ${order.server}` }, [{ ...order, runId }]);
    upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: 'completed' }]);
    setCurrentDetails(`Stored **${stored.name}**, ${bytesText(stored.bytes)}, SHA-256 \`${stored.sha256}\`, at ${stored.address}`);
    return { runId, ...stored };
  } catch (error) {
    const problem = reportOfFailure(error);
    upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: 'failed' }]);
    setCurrentDetails(`**${problem.code}**: ${problem.message}\n\n${problem.hint ?? ''}`);
    throw failureOf(problem);
  }
}
