import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { loadInventory } from '../../config/inventory.ts';
import { applicationRoute } from '../../config/probe-route.ts';
import { ProbeCounter, type ProbeStatus } from '../../domain/cluster/drill/probe-counter.ts';
import { type ProbeReport, reportProbe } from '../../domain/cluster/drill/probe-report.ts';
import { parseRecord, type ProbeRecord } from '../../domain/cluster/drill/record.ts';
import { findProbeRows } from '../../postgres/probe/found-rows.ts';
import { DEFAULT_LIMITS, type ProbeRoute } from '../../postgres/probe/probe-route.ts';
import { runProbe } from '../../postgres/probe/run-probe.ts';

export interface ProbeWish {
  readonly writers?: number;
  readonly readers?: number;
  /** Writes per second, all writers together. */
  readonly rate?: number;
}

/** The application of a world: writers and readers through its own route. */
export interface WorldProbe {
  status(): ProbeStatus;
  /** Milliseconds since the probe began, on its clock, which is that of this process. */
  now(): number;
  /** Ends it and judges its record on the node that takes writes then. */
  stop(): Promise<{ readonly report: ProbeReport; readonly record: ProbeRecord }>;
}

/** Starts it, and waits until all have a connection. */
export async function startWorldProbe({ inventory, cluster }: { readonly inventory: string; readonly cluster: string }, { writers = 8, readers = 2, rate = 500 }: ProbeWish = {}): Promise<WorldProbe> {
  const route: ProbeRoute = { ...applicationRoute(loadInventory(inventory), cluster, dirname(inventory)), tls: { mode: 'disable' }, limits: DEFAULT_LIMITS };
  return await startProbeOn(route, { writers, readers, rate, folder: dirname(inventory) });
}

export async function startProbeOn(route: ProbeRoute, { writers, readers, rate, folder }: Required<ProbeWish> & { readonly folder: string }): Promise<WorldProbe> {
  const run = randomBytes(5).toString('hex');
  const ledger = join(folder, `probe-${run}.ledger`);
  const [stop, counter, ready] = [new AbortController(), new ProbeCounter(), Promise.withResolvers<void>()];
  const origin = performance.now();
  const ended = runProbe({ run, route, writers, readers, rate, ledger, signal: stop.signal, flushed: (lines) => counter.count(lines), ready: ready.resolve });
  ended.catch(ready.reject);
  await ready.promise;
  return {
    status: () => counter.now(),
    now: () => performance.now() - origin,
    stop: async () => {
      stop.abort();
      await ended;
      const record = parseRecord(await readFile(ledger, 'utf8'));
      return { record, report: reportProbe(record, await findProbeRows(route, run)) };
    },
  };
}
