import { createHash } from 'node:crypto';

import { canonicalJson, type Json } from '../domain/canonical-json.ts';

/** SHA-256 of the canonical JSON: what an approval refers to. */
export const hashOfJson = (value: Json): string => createHash('sha256').update(canonicalJson(value)).digest('hex');
