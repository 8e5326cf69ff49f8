import { createConnection, createServer } from 'node:net';
import { OperationError } from '../domain/errors.ts';

const LOOPBACK = '127.0.0.1';

/** A TCP port of loopback that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  try {
    await listen(server, 0);
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
    return address.port;
  } finally {
    server.close();
  }
}

/** Error `port_in_use` when somebody listens on the port of loopback. `purpose`: who wants it, for the message. */
export async function assertPortFree(port: number, purpose: string): Promise<void> {
  const server = createServer();
  try {
    await listen(server, port);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new OperationError('port_in_use', `port ${port} for ${purpose} is taken by another program`, {
      hint: `Find it with \`ss -ltnp 'sport = :${port}'\`, or choose another port.`,
      context: { port },
    });
  } finally {
    server.close();
  }
}

const listen = (server: ReturnType<typeof createServer>, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject).listen({ host: LOOPBACK, port, exclusive: true }, resolve);
  });

/** Whether somebody accepts connections on the port of loopback. */
export const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: LOOPBACK, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
