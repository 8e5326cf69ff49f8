import { inventoryJsonSchema } from '../../config/inventory-json-schema.ts';
import { writePage, type GeneratedPage } from './generated-page.ts';

export const inventorySchemaPage = (): GeneratedPage => ({
  path: 'docs/pgconvoy.schema.json',
  text: `${JSON.stringify(inventoryJsonSchema(), null, 2)}\n`,
});

if (import.meta.main) writePage(inventorySchemaPage());
