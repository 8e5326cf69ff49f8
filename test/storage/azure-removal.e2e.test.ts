import { describe, expect, it } from 'vitest';

import type { Fault } from '../support/fault-proxy.ts';
import { BATCH, COMMIT, DELETE, faultyAzure, IMPATIENT, LIST, namesIn, stageAll } from './faulty-azure.ts';
import { pieces } from './store-contract.ts';

const azure = faultyAzure();

describe('a hierarchical namespace', () => {
  /** Such an account lists folders as blobs of no bytes that say so in their metadata. */
  const makeFolder = async (name: string): Promise<void> => void (await azure.client().getBlockBlobClient(`some/where/${name}`).upload('', 0, { metadata: { hdi_isfolder: 'true' } }));
  const allBlobs = async (): Promise<string[]> => {
    const names: string[] = [];
    for await (const { name } of azure.client().listBlobsFlat()) names.push(name);
    return names;
  };

  it('B29 shows no folders as objects, and loses them with the last object in them', async () => {
    for (const name of ['b', 'b/run', 'b/run/files', 'b/kept']) await makeFolder(name);
    const names = ['b/run/files/1.dat', 'b/run/files/2.dat', 'b/run/manifest.json'];
    for (const name of [...names, 'b/kept/x']) await azure.store.put({ name, content: pieces(name) });
    expect(await namesIn(azure.store, 'b/')).toEqual(['b/kept/x', ...names]);
    // A folder with something in it cannot be removed; Azurite would.
    azure.proxy.next(({ method, path }) => method === 'DELETE' && path.split('?')[0]!.endsWith('/b'), { kind: 'status', status: 409, code: 'DirectoryIsNotEmpty' });
    await azure.store.deleteMany(names);
    expect(await allBlobs()).toEqual(['some/where/b', 'some/where/b/kept', 'some/where/b/kept/x', 'some/where/there']);
  });

  it('B29 has its objects removed one by one where there are no batches', async () => {
    for (const name of ['c/1', 'c/2']) await azure.store.put({ name, content: pieces(name) });
    azure.proxy.next(BATCH, { kind: 'status', status: 409, code: 'FeatureNotSupportedForAccount' });
    await azure.store.deleteMany(['c/1', 'c/2']);
    expect(await allBlobs()).toEqual(['some/where/there']);
  });
});

it('B29 believes no batch: what it left is removed, or told', async () => {
  const names = ['d/1', 'd/2', 'd/3'];
  for (const name of names) await azure.store.put({ name, content: pieces(name) });
  const lie = forgedBatch(3);
  azure.proxy.next(BATCH, lie);
  await azure.store.deleteMany(names);
  expect(await azure.store.stat('d/1')).toBeUndefined();
  for (const name of names) await azure.store.put({ name, content: pieces(name) });
  azure.proxy.next(BATCH, lie);
  azure.proxy.next(DELETE, ...Array.from({ length: 3 }, (): Fault => ({ kind: 'status', status: 202 })));
  await expect(azure.store.deleteMany(names)).rejects.toMatchObject({ code: 'store_failed', message: '3 of 3 objects could not be removed' });
});

/** The answer to a batch that says all went well. */
function forgedBatch(count: number): Fault {
  const parts = Array.from({ length: count }, (_, index) => `--batchresponse_x\r\nContent-Type: application/http\r\nContent-ID: ${index}\r\n\r\nHTTP/1.1 202 Accepted\r\nx-ms-request-id: x\r\n\r\n`);
  return { kind: 'status', status: 202, headers: { 'content-type': 'multipart/mixed; boundary=batchresponse_x' }, body: `${parts.join('\r\n')}\r\n--batchresponse_x--` };
}

it.each([
  ['the answer was lost', { kind: 'break-answer', afterBytes: 0 }],
  ['the store was busy', { kind: 'status', status: 503 }],
] as const)('B22 leaves nothing of blocks that nobody committed, when %s', async (_, fault) => {
  for (const fits of [COMMIT, DELETE]) {
    await stageAll(azure.store, 'run/a', [Buffer.from('a')]);
    azure.proxy.next(fits, fault);
    await azure.store.abandonStaged('run/');
    expect(await azure.store.stagedBlocks('run/a')).toEqual(new Set());
    expect(await namesIn(azure.store, '')).toEqual(['there']);
  }
});

it('B36 pages through listings, to find and to remove', async () => {
  const paged = azure.open({}, IMPATIENT, 3);
  const names = Array.from({ length: 10 }, (_, index) => `p/${index}`);
  for (const name of names) await paged.put({ name, content: pieces(name) });
  azure.proxy.seen.length = 0;
  azure.proxy.next(LIST, { kind: 'status', status: 503, code: 'ServerBusy' });
  expect(await namesIn(paged, 'p/')).toEqual(names);
  expect(azure.proxy.seen.filter(LIST)).toHaveLength(5);
  await paged.deleteMany(names);
  expect(await namesIn(paged, 'p/')).toEqual([]);
});
