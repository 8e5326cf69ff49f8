import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What the proxy does with a request instead of passing it on. */
export type Fault =
  /** Answers by itself, as the service would. */
  | { readonly kind: 'status'; readonly status: number; readonly code?: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** Breaks the connection after so many bytes of the request. */
  | { readonly kind: 'break-request'; readonly afterBytes: number }
  /** Passes the request on, and breaks the connection after so many bytes of the answer's body; 0: no answer at all. */
  | { readonly kind: 'break-answer'; readonly afterBytes: number }
  /** Never answers. */
  | { readonly kind: 'hang' }
  /** Passes the request on, and gives the answer's body piece by piece. */
  | { readonly kind: 'trickle'; readonly pieces: number; readonly everyMs: number }
  /** Passes the request on, and changes the answer's body. */
  | { readonly kind: 'change-answer'; readonly change: (body: Buffer) => Buffer };

export interface SeenRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly range: string | undefined;
  readonly host: string;
  /** Null: it was passed on as it was. */
  readonly fault: Fault['kind'] | null;
}

export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  readonly seen: SeenRequest[];
  /** The next requests that fit get the faults, one each, in this order; then they pass. */
  readonly next: (fits: (request: Pick<SeenRequest, 'method' | 'path'>) => boolean, ...faults: readonly Fault[]) => void;
  /** Forgets faults that no request has met, and says how many. */
  readonly clear: () => number;
}

/** A proxy on loopback before an HTTP server, which misbehaves as it is told to, and passes everything else. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const seen: SeenRequest[] = [];
  const planned: { fits: (request: Pick<SeenRequest, 'method' | 'path'>) => boolean; fault: Fault }[] = [];
  const server = createServer((incoming, answer) => {
    const [method, path] = [incoming.method ?? '', incoming.url ?? ''];
    const index = planned.findIndex(({ fits }) => fits({ method, path }));
    const fault = index === -1 ? undefined : planned.splice(index, 1)[0]!.fault;
    seen.push({ method, path, range: (incoming.headers['x-ms-range'] ?? incoming.headers.range) as string | undefined, host: incoming.headers.host ?? '', fault: fault?.kind ?? null });
    treat(targetPort, incoming, answer, fault).catch(() => answer.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    next: (fits, ...faults) => void planned.push(...faults.map((fault) => ({ fits, fault }))),
    clear: () => planned.splice(0).length,
    [Symbol.asyncDispose]: async () => await close(server),
  };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => void server.close(resolve));
}

async function treat(port: number, incoming: IncomingMessage, answer: ServerResponse, fault: Fault | undefined): Promise<void> {
  switch (fault?.kind) {
    case 'status': {
      await buffer(incoming);
      const body = fault.body ?? (fault.code === undefined ? '' : `<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>planned</Message></Error>`);
      answer.writeHead(fault.status, { 'content-type': 'application/xml', ...(fault.code === undefined ? {} : { 'x-ms-error-code': fault.code }), ...fault.headers }).end(incoming.method === 'HEAD' ? undefined : body);
      return;
    }
    case 'break-request': {
      let bytes = 0;
      for await (const piece of incoming) {
        bytes += (piece as Buffer).length;
        if (bytes >= fault.afterBytes) break;
      }
      incoming.socket.resetAndDestroy();
      return;
    }
    case 'hang':
      incoming.resume();
      return;
    default:
      await passOn(port, incoming, answer, fault);
  }
}

async function passOn(port: number, incoming: IncomingMessage, answer: ServerResponse, fault: Fault | undefined): Promise<void> {
  const outgoing = request({ host: '127.0.0.1', port, method: incoming.method, path: incoming.url, headers: incoming.headers });
  const answered = new Promise<IncomingMessage>((resolve, reject) => void outgoing.once('response', resolve).once('error', reject));
  incoming.pipe(outgoing);
  const upstream = await answered;
  if (fault === undefined) {
    answer.writeHead(upstream.statusCode ?? 502, upstream.headers);
    upstream.pipe(answer);
    return;
  }
  const body = await buffer(upstream);
  if (fault.kind === 'break-answer' && fault.afterBytes === 0) return void incoming.socket.resetAndDestroy();
  answer.writeHead(upstream.statusCode ?? 502, upstream.headers);
  await misAnswer(answer, body, fault);
}

async function misAnswer(answer: ServerResponse, body: Buffer, fault: Fault): Promise<void> {
  if (fault.kind === 'change-answer') return void answer.end(fault.change(body));
  if (fault.kind === 'trickle') {
    for (let piece = 0; piece < fault.pieces; piece += 1) {
      answer.write(body.subarray(Math.floor((body.length * piece) / fault.pieces), Math.floor((body.length * (piece + 1)) / fault.pieces)));
      await new Promise((resolve) => void setTimeout(resolve, fault.everyMs));
    }
    return void answer.end();
  }
  if (fault.kind !== 'break-answer') return;
  // The bytes have to be on their way before the connection goes.
  await new Promise<void>((resolve) => void answer.write(body.subarray(0, fault.afterBytes), () => resolve()));
  answer.destroy();
}
