import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';

import { ContainerSASPermissions, generateBlobSASQueryParameters } from '@azure/storage-blob';
import { describe, expect, it } from 'vitest';

import { Secret } from '../../domain/secret.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { Fault } from '../support/fault-proxy.ts';
import { faultyAzure, LIST, orderOf, PUT_BLOCK, READ, stageAll } from './faulty-azure.ts';
import { pieces } from './store-contract.ts';

const azure = faultyAzure();

describe('a token', () => {
  const tokenFor = (permissions: string): Secret => new Secret(generateBlobSASQueryParameters({ containerName: azure.container, permissions: ContainerSASPermissions.parse(permissions), startsOn: new Date(Date.now() - 3_600_000), expiresOn: new Date(Date.now() + 3_600_000) }, azure.credential).toString());
  const withToken = (token: Secret): ObjectStore => azure.open({ sas: token });
  const REVOKED: Fault = { kind: 'status', status: 403, code: 'AuthenticationFailed' };

  it('B28 that is revoked in the middle of an upload stops it; a new one goes on where it was', async () => {
    const blocks = [randomBytes(50_000), randomBytes(60_000), randomBytes(70_000)];
    const first = withToken(tokenFor('rcwdl'));
    await stageAll(first, 'token', blocks.slice(0, 2));
    azure.proxy.next(PUT_BLOCK, REVOKED);
    const error: unknown = await first.stageBlock({ name: 'token', id: '000002-x', content: blocks[2]! }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'store_refused', detail: 'The store answered 403 AuthenticationFailed.' });
    const second = withToken(tokenFor('rcwdl'));
    expect(await second.stagedBlocks('token')).toEqual(new Set(['000000-x', '000001-x']));
    await second.stageBlock({ name: 'token', id: '000002-x', content: blocks[2]! });
    await second.commitBlocks(orderOf('token', Buffer.concat(blocks), ['000000-x', '000001-x', '000002-x']));
    expect((await buffer(second.get('token'))).equals(Buffer.concat(blocks))).toBe(true);
  });

  it('B43 is in no error and no receipt', async () => {
    const token = tokenFor('rcwdl');
    const signature = /sig=([^&]+)/.exec(token.reveal())![1]!;
    const seen: unknown[] = [await withToken(token).put({ name: 'receipt', content: pieces('x') })];
    for (const [status, code] of [[403, 'AuthenticationFailed'], [404, 'BlobNotFound'], [409, 'LeaseIdMissing'], [400, 'InvalidHeaderValue']] as const) {
      azure.proxy.next((one) => PUT_BLOCK(one) || READ(one) || LIST(one), ...Array.from({ length: 3 }, (): Fault => ({ kind: 'status', status, code })));
      const broken = withToken(token);
      for (const work of [async () => await broken.stageBlock({ name: 'x', id: '000000-x', content: Buffer.from('x') }), async () => await buffer(broken.get('x')), async () => await broken.list('x')[Symbol.asyncIterator]().next()]) {
        const error: unknown = await work().catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(Error);
        seen.push(error, JSON.stringify(error), (error as Error).stack, (error as Error).cause);
      }
    }
    expect(azure.proxy.seen.some(({ path }) => path.includes(signature))).toBe(true);
    const text = inspect(seen, { depth: 10, showHidden: true });
    expect(text).not.toContain(signature);
    expect(text).not.toContain('sig=');
  });
});
