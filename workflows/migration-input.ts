import { z } from 'zod';

import { failWith } from './failure.ts';

/** The one JSON object that starts a migration. Names only: no address, no secret. */
export const migrateDatabaseInput = z.strictObject({
  migration: z.string().min(1).describe('A name under `migrations` of the inventory.'),
  requestedBy: z.string().min(1).default('unknown').describe('Who asks; kept in the audit.'),
  mode: z.enum(['online', 'offline']).optional(),
  approval: z.enum(['required', 'none']).optional(),
  commit: z.enum(['required', 'automatic']).optional(),
  verify: z.enum(['full', 'counts']).optional(),
});

export type MigrateDatabaseInput = z.input<typeof migrateDatabaseInput>;

/** Validates an input as the first thing a workflow does; every wrong field is named in one failure that is not tried again. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown, sample: object): z.output<Schema> {
  const parsed = schema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  throw failWith('input_invalid', 'the input object is not as it has to be', {
    detail: parsed.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`).join('\n'),
    hint: `Give one JSON object, for example ${JSON.stringify(sample)}.`,
  });
}
