import type { Socket } from 'node:net';

import { parse } from 'pg-protocol';

import type { Session } from '../connection.ts';

/**
 * Borrows the socket of an idle session from the driver, to speak the wire protocol on it directly, and gives it back.
 *
 * Between two statements the driver only listens; with its listeners taken away the socket is ours until the server has
 * said ReadyForQuery again. https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class ProtocolLease {
  readonly socket: Socket;
  readonly #session: Session;
  readonly #listeners: readonly ((chunk: Buffer) => void)[];

  constructor(session: Session) {
    this.#session = session;
    this.socket = (session.client as unknown as { connection: { stream: Socket } }).connection.stream;
    this.#listeners = this.socket.listeners('data') as ((chunk: Buffer) => void)[];
    this.socket.removeAllListeners('data');
    this.socket.pause();
  }

  /** Sends a simple query. */
  query(sql: string): void {
    const text = Buffer.from(`${sql}\0`, 'utf8');
    this.socket.write(Buffer.concat([header('Q', text.length), text]));
  }

  /** Ends our half of a COPY FROM: done, or failed with a reason. */
  endCopy(failure?: string): void {
    if (failure === undefined) {
      this.socket.write(header('c', 0));
      return;
    }
    const text = Buffer.from(`${failure}\0`, 'utf8');
    this.socket.write(Buffer.concat([header('f', text.length), text]));
  }

  /** Gives the socket back to the driver. Only right after ReadyForQuery was read, or when the session is to be closed. */
  release(): void {
    this.socket.removeAllListeners('data');
    for (const listener of this.#listeners) this.socket.on('data', listener);
    this.socket.resume();
  }

  /** Cuts the connection: what the server has in hand for us is abandoned and rolled back. */
  abandon(): void {
    this.#session.destroy();
  }
}

function header(type: string, length: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.write(type, 0, 'latin1');
  bytes.writeUInt32BE(length + 4, 1);
  return bytes;
}

/** A frame that is not data, as the driver's own parser reads it. */
export interface ControlMessage {
  readonly name: string;
  /** Of commandComplete, for example `COPY 1000`. */
  readonly text?: string;
}

/** Reads one whole control frame. An ErrorResponse comes back as the driver's DatabaseError, whose name is `error`. */
export function parseControl(frame: Buffer): ControlMessage {
  let message: ControlMessage | undefined;
  void parse(
    { on: (_event: string, listener: (chunk: Buffer) => void) => (_event === 'data' ? listener(frame) : undefined) } as never,
    (parsed) => {
      message = parsed as unknown as ControlMessage;
    },
  );
  if (message === undefined) throw new Error(`a frame of type ${String.fromCharCode(frame[0] ?? 0)} could not be read`);
  return message;
}
