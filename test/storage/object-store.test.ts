import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { memoryStore } from '../../storage/memory-store.ts';
import { openStore } from '../../storage/open-store.ts';
import { testFolder } from '../config/inventory-file.ts';
import { holdContract, pieces } from './store-contract.ts';

describe('the memory store', () => holdContract(memoryStore));

describe('the directory store', () => holdContract(() => openStore({ kind: 'directory', path: join(testFolder(), 'not', 'yet', 'there') })));

it('says that a folder cannot be used', async () => {
  const path = join(testFolder(), 'a file');
  writeFileSync(path, '');
  await expect(openStore({ kind: 'directory', path }).put({ name: 'x/y', content: pieces('x') })).rejects.toMatchObject({ code: 'store_failed' });
});
