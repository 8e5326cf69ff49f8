import { setTimeout as sleep } from 'node:timers/promises';

import { connectByRoute, hangUp, type Connection, type Login } from './connect-by-route.ts';
import type { LedgerFile } from './ledger-file.ts';
import { rentFilm, type Stock } from './rental-transaction.ts';
import type { WriteRecord } from './write-record.ts';

export interface WriterOptions {
  readonly writer: number;
  readonly login: Login;
  readonly stock: Stock;
  readonly ledger: LedgerFile;
  /** From the start of one transaction to the start of the next, when nothing holds it up. */
  readonly intervalMs: number;
  readonly stopping: AbortSignal;
  readonly onRecord: (record: WriteRecord) => void;
  readonly onConnectFailure: (sqlstate: string) => void;
}

/** What a pool of an ordinary application waits between two attempts to connect. */
const RECONNECT_AFTER_MS = 25;

/** One user of the application: rents a film, again and again, until told to stop. */
export async function runWriter(options: WriterOptions): Promise<void> {
  let connection: Connection | undefined;
  for (let n = 1; !options.stopping.aborted; n += 1) {
    const started = performance.now();
    connection ??= await connectUntilStopped(options);
    if (connection === undefined) return;
    const record = await transact(connection, options.stock, { writer: options.writer, n });
    await options.ledger.append(record);
    options.onRecord(record);
    if (record.outcome !== 'acked') {
      hangUp(connection);
      connection = undefined;
    } else {
      await sleep(Math.max(0, options.intervalMs - (performance.now() - started)));
    }
  }
  await connection?.client.end();
}

async function transact({ client, server }: Connection, stock: Stock, id: { writer: number; n: number }): Promise<WriteRecord> {
  let outcome: 'failed' | 'ambiguous' = 'failed';
  try {
    await rentFilm(client, stock, id);
    outcome = 'ambiguous';
    const { command } = await client.query('COMMIT');
    // An aborted transaction answers COMMIT with ROLLBACK, and without an error.
    return command === 'COMMIT' ? { ...id, outcome: 'acked', atMs: nowMs(), server } : { ...id, outcome: 'failed', atMs: nowMs(), server, sqlstate: '25P02' };
  } catch (error) {
    return { ...id, outcome, atMs: nowMs(), server, sqlstate: codeOf(error) };
  }
}

async function connectUntilStopped(options: WriterOptions): Promise<Connection | undefined> {
  while (!options.stopping.aborted) {
    try {
      return await connectByRoute(options.login);
    } catch (error) {
      options.onConnectFailure(codeOf(error));
      await sleep(RECONNECT_AFTER_MS);
    }
  }
  return undefined;
}

/** The clock of all records. */
export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'connection ended');
