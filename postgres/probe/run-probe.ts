import { setTimeout as sleep } from 'node:timers/promises';

import { letterOf, type ProbeHeader, type RecordLine } from '../../domain/cluster/drill/record.ts';
import { LedgerFile } from './ledger-file.ts';
import type { ProbeConnection, ProbeFailure } from './probe-connection.ts';
import type { ProbeRoute } from './probe-route.ts';
import { createProbeTable, insertSql, readSql } from './probe-table.ts';
import { WritableHost } from './writable-host.ts';

export interface ProbeWish {
  readonly run: string;
  readonly route: ProbeRoute;
  readonly writers: number;
  readonly readers: number;
  /** Writes per second, all writers together. */
  readonly rate: number;
  readonly ledger: string;
  /** Its end is the end of the probe. */
  readonly signal: AbortSignal;
  /** Told of what is on the disk. */
  readonly flushed?: (lines: readonly RecordLine[]) => void;
  /** All have a connection. */
  readonly ready?: () => void;
}

/** Reads per second of one reader. */
const READS_PER_SECOND = 20;

/** Writes and reads until it is told to stop; all it saw is in the ledger then. A failure of the servers is no error of it. */
export async function runProbe(wish: ProbeWish): Promise<void> {
  const origin = performance.now();
  const now = (): number => Math.round((performance.now() - origin) * 1000) / 1000;
  const names = (letter: string, count: number): string[] => Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
  const header: ProbeHeader = {
    version: 1, run: wish.run, startedAt: new Date().toISOString(), hosts: wish.route.hosts.map(({ host, port }) => `${host}:${port}`),
    writers: names('w', wish.writers), readers: names('r', wish.readers), rate: wish.rate,
  };
  await using ledger = new LedgerFile(wish.ledger, wish.flushed ?? (() => undefined));
  ledger.write(['H', header]);
  const host = new WritableHost(wish.route, (who, code) => ledger.write(['D', who, now(), code]));
  const first = await host.open('probe', wish.signal);
  if (first === undefined) return;
  try {
    await createProbeTable(first);
  } finally {
    await first.close();
  }
  const everybody = [...header.writers, ...header.readers];
  const opened = await Promise.all(everybody.map((who) => host.open(who, wish.signal)));
  ledger.write(['G', now()]);
  wish.ready?.();
  const loop = { ...wish, host, file: ledger, now };
  // After it nobody begins anything; what was begun is settled still.
  wish.signal.addEventListener('abort', () => ledger.write(['E', now()]), { once: true });
  if (wish.signal.aborted) ledger.write(['E', now()]);
  await Promise.all(everybody.map((who, index) => (index < wish.writers ? write(who, index, opened[index], loop) : read(who, index - wish.writers, opened[index], loop))));
}

interface Loop extends ProbeWish {
  readonly host: WritableHost;
  readonly file: LedgerFile;
  readonly now: () => number;
}

async function write(who: string, index: number, opened: ProbeConnection | undefined, { run, signal, host, file, now, rate, writers }: Loop): Promise<void> {
  let connection = opened;
  const everyMs = (1000 * writers) / rate;
  const pace = pacer(everyMs, (everyMs * index) / writers, signal);
  for (let seq = 1; await pace(); seq += 1) {
    connection ??= await host.open(who, signal);
    if (connection === undefined) break;
    file.write(['S', who, seq, now()]);
    try {
      const { rows, warned } = await connection.ask(insertSql(run, who, seq));
      const [node, timeline] = rows[0] as [string, number];
      file.write([warned ? 'W' : 'A', who, seq, now(), node, timeline]);
    } catch (error) {
      const failure = error as ProbeFailure;
      file.write([letterOf(failure.answered ? 'refused' : 'broken') as 'R' | 'B', who, seq, now(), failure.code]);
      connection = dropped(connection, failure, host);
    }
  }
  await connection?.close();
}

async function read(who: string, index: number, opened: ProbeConnection | undefined, { run, signal, host, file, now, writers, readers }: Loop): Promise<void> {
  let connection = opened;
  const pace = pacer(1000 / READS_PER_SECOND, (1000 / READS_PER_SECOND / readers) * index, signal);
  while (await pace()) {
    connection ??= await host.open(who, signal);
    if (connection === undefined) break;
    const sentMs = now();
    try {
      await connection.ask(readSql(run, `w${(index % writers) + 1}`));
      file.write(['r', who, sentMs, now(), null]);
    } catch (error) {
      file.write(['r', who, sentMs, now(), (error as ProbeFailure).code]);
      connection = dropped(connection, error as ProbeFailure, host);
    }
  }
  await connection?.close();
}

/** A server that takes no writes, or that wants us gone, is as good as lost. */
const READ_ONLY = '25006';

function dropped(connection: ProbeConnection, failure: ProbeFailure, host: WritableHost): ProbeConnection | undefined {
  if (!failure.lost && failure.code !== READ_ONLY) return connection;
  connection.cut();
  host.lost(connection.host);
  return undefined;
}

/** Resolves at the next beat, false when it is over. Beats that were missed are not made up for. */
function pacer(everyMs: number, firstMs: number, signal: AbortSignal): () => Promise<boolean> {
  let next = performance.now() + firstMs;
  return async () => {
    const wait = next - performance.now();
    next = Math.max(next, performance.now()) + everyMs;
    if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => undefined);
    else await sleep(0);
    return !signal.aborted;
  };
}
