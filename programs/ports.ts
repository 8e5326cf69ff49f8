import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { OperationError } from '../domain/errors.ts';

const LOOPBACK = '127.0.0.1';

/** Below what kernels give to outgoing connections by themselves, any of which could take a port before we do. */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/** Given to somebody in this process, who may not have taken it yet, or have left it for the time of a restart. */
const given = new Set<number>();

/** A TCP port of loopback that nobody uses at this moment, and another one at every call. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

/** Error `port_in_use` when somebody has the port of loopback. `purpose`: who wants it, for the message. */
export async function assertPortFree(port: number, purpose: string): Promise<void> {
  if (await isFree(port)) return;
  throw new OperationError('port_in_use', `port ${port} for ${purpose} is taken by another program`, {
    hint: `Find it with \`ss -ltnp 'sport = :${port}'\`, or choose another port.`,
    context: { port },
  });
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen({ host: LOOPBACK, port, exclusive: true }), 'listening');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  } finally {
    server.close();
  }
}

/** Whether somebody accepts connections on a port, of loopback unless another address is named. */
export const isListening = (port: number, host = LOOPBACK): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
