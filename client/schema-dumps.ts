import { randomUUID } from 'node:crypto';

import type { Client } from '@temporalio/client';

import type { dumpSchema, DumpSchemaInput, DumpSchemaResult } from '../workflows/dump-schema.ts';
import { CONTROL_QUEUE } from '../workflows/messages.ts';
import { fromFailure } from './migrations.ts';

export type { DumpSchemaInput, DumpSchemaResult };

export interface StartedSchemaDump {
  readonly workflowId: string;
  /** Waits for the end; throws what ended it otherwise, with the code of the failure. */
  readonly result: () => Promise<DumpSchemaResult>;
}

/** Starts a dump of a schema to a store. */
export async function startSchemaDump(client: Client, input: DumpSchemaInput): Promise<StartedSchemaDump> {
  const workflowId = `schema-dump/${input.server}/${randomUUID().slice(0, 8)}`;
  const handle = await client.workflow.start<typeof dumpSchema>('dumpSchema', {
    workflowId,
    taskQueue: CONTROL_QUEUE,
    args: [input],
    staticSummary: `dump the schema of ${input.database} on ${input.server}`,
  });
  return {
    workflowId,
    result: async () =>
      await handle.result().catch((error: unknown) => {
        throw fromFailure(error) ?? error;
      }),
  };
}
