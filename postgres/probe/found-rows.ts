import type { FoundRow } from '../../domain/cluster/drill/ledger.ts';
import { OperationError } from '../../domain/errors.ts';
import type { ProbeConnection } from './probe-connection.ts';
import type { ProbeRoute } from './probe-route.ts';
import { cleanProbe, readFoundRows } from './probe-table.ts';
import { WritableHost } from './writable-host.ts';

/** Reading many rows takes longer than a write may. */
const READ_MS = 60_000;
const FIND_MS = 30_000;

/** The rows of a probe that are there now, asked of the node that takes writes and of no other (HA57). Error: `server_unreachable`. */
export const findProbeRows = (route: ProbeRoute, run: string): Promise<FoundRow[]> => onWritable(route, (connection) => readFoundRows(connection, run));

/** Removes the rows of a probe, or of all probes. Error: `server_unreachable`. */
export const cleanProbeRows = (route: ProbeRoute, run: string | null): Promise<void> => onWritable(route, (connection) => cleanProbe(connection, run));

async function onWritable<T>(route: ProbeRoute, work: (connection: ProbeConnection) => Promise<T>): Promise<T> {
  const patient = { ...route, limits: { ...route.limits, queryMs: READ_MS } };
  const connection = await new WritableHost(patient, () => undefined).open('judge', AbortSignal.timeout(FIND_MS));
  if (connection === undefined) throw new OperationError('server_unreachable', 'no server of the route takes writes', { detail: `They are ${route.hosts.map(({ host, port }) => `${host}:${port}`).join(', ')}.` });
  try {
    return await work(connection);
  } finally {
    connection.cut();
  }
}
