import { once } from 'node:events';

import type { Session } from '../connection.ts';
import { toOperationError } from '../sqlstate.ts';
import { FrameScanner } from './frame-scanner.ts';
import { type ControlMessage, parseControl, ProtocolLease } from './protocol-lease.ts';

/** The conversation of one COPY with one server, from its query to ReadyForQuery. The session is the caller's again after `release`. */
export class CopySide {
  readonly lease: ProtocolLease;
  readonly scanner: FrameScanner;
  readonly #session: Session;
  readonly #name: string;
  onData: (bytes: Buffer) => void = () => undefined;
  started = false;
  ended = false;
  #error: Error | undefined;
  #rows = 0;
  readonly #copying = Promise.withResolvers<void>();
  readonly #finished = Promise.withResolvers<number>();
  readonly #failed = Promise.withResolvers<never>();
  readonly #onClose = (): void => this.#end(toOperationError(new Error('the connection was cut'), `copy on the ${this.#name}, ${this.#session.place()}`));

  constructor(session: Session, name: string) {
    this.#session = session;
    this.#name = name;
    this.lease = new ProtocolLease(session);
    this.scanner = new FrameScanner({ data: (bytes) => this.onData(bytes), control: (frame) => this.#control(parseControl(frame)) });
    for (const promise of [this.#copying.promise, this.#finished.promise, this.#failed.promise]) promise.catch(() => undefined);
    this.lease.socket.once('close', this.#onClose);
    if (session.lost || this.lease.socket.destroyed) this.#onClose();
  }

  start(sql: string): void {
    if (this.ended) return;
    this.started = true;
    this.lease.socket.on('data', (chunk: Buffer) => this.scanner.push(chunk));
    this.lease.socket.resume();
    this.lease.query(sql);
  }

  /** Resolves when the server is ready to take rows. */
  copying = (): Promise<void> => this.#copying.promise;
  /** Resolves to the number of rows at ReadyForQuery. */
  finished = (): Promise<number> => this.#finished.promise;
  /** Never resolves; rejects as soon as the server reports an error. */
  failed = (): Promise<never> => this.#failed.promise;

  /** Resolves when the connection is gone, and the driver knows it. */
  async closed(): Promise<void> {
    if (!this.lease.socket.closed) await once(this.lease.socket, 'close');
  }

  abandon(reason?: unknown): void {
    this.#error ??= reason instanceof Error ? reason : undefined;
    this.lease.abandon();
  }

  release(): void {
    this.lease.socket.removeListener('close', this.#onClose);
    this.lease.release();
  }

  #control(message: ControlMessage): void {
    switch (message.name) {
      case 'copyInResponse':
        this.#copying.resolve();
        return;
      case 'commandComplete':
        this.#rows = Number(/^COPY (\d+)$/.exec(message.text ?? '')?.[1] ?? Number.NaN);
        return;
      case 'error':
        this.#error ??= toOperationError(message, `copy on the ${this.#name}, ${this.#session.place()}`, 'copy_failed');
        this.#copying.reject(this.#error);
        this.#failed.reject(this.#error);
        return;
      case 'readyForQuery':
        this.#end(this.#error);
        return;
      default: // copyOutResponse, copyDone, notices, parameter changes: nothing to do
    }
  }

  #end(error: Error | undefined): void {
    if (this.ended) return;
    this.ended = true;
    this.#error ??= error;
    if (this.#error === undefined) {
      this.#finished.resolve(this.#rows);
      return;
    }
    this.#copying.reject(this.#error);
    this.#finished.reject(this.#error);
    this.#failed.reject(this.#error);
  }
}
