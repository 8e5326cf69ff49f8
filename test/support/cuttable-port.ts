import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';

/** A port on loopback that leads to another, until it is cut: then nothing gets through, and nothing is refused either, as in a network that is cut. */
export interface CuttablePort extends AsyncDisposable {
  readonly port: number;
  cut(): void;
  heal(): void;
}

export async function cuttablePort(target: { readonly host: string; readonly port: number }): Promise<CuttablePort> {
  let cut = false;
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const keep = (socket: Socket): Socket => {
      sockets.add(socket);
      return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    };
    keep(incoming);
    if (cut) return;
    const outgoing = keep(createConnection(target));
    const lead = (from: Socket, to: Socket): void => void from.on('data', (data) => (cut ? undefined : to.write(data))).on('close', () => (cut ? undefined : to.destroy()));
    lead(incoming, outgoing);
    lead(outgoing, incoming);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => void (cut = true),
    heal: () => {
      cut = false;
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
