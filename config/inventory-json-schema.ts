import { z } from 'zod';

import { inventorySchema } from './inventory-schema.ts';

/** The inventory as JSON Schema; draft 7 because that is what the YAML language servers of editors read. */
export const inventoryJsonSchema = (): object => ({
  title: 'The inventory of pgconvoy',
  ...z.toJSONSchema(inventorySchema, { io: 'input', target: 'draft-7' }),
});
