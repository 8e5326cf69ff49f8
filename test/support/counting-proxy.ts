import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What stands between a client and a blob service: it passes everything on and keeps a list of the blocks that were put. */
export interface CountingProxy extends AsyncDisposable {
  readonly port: number;
  /** `<blob>?<block id>` of each block that the service has taken, in order, as often as it was sent. */
  readonly blocks: readonly string[];
  /** From now on the service's answers to blocks are kept back: a client waits in the middle of a block. */
  holdBlocks(): void;
}

export async function countingProxy(target: number): Promise<CountingProxy> {
  const blocks: string[] = [];
  let held = false;
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', 'http://proxy');
    const isBlock = incoming.method === 'PUT' && url.searchParams.get('comp') === 'block';
    if (isBlock && held) return; // never answered
    // The host is part of no signature of this service, but its path is.
    const onward = request({ host: '127.0.0.1', port: target, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
      if (isBlock && answer.statusCode === 201) blocks.push(`${url.pathname}?${url.searchParams.get('blockid')}`);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    blocks,
    holdBlocks: () => {
      held = true;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
