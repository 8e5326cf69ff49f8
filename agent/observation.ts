import { readdir, readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';

import { NO_EPOCH } from '../domain/cluster/epoch.ts';
import type { AgentReport, ControlFacts, ServerState } from '../domain/cluster/node-facts.ts';
import { parseHistory, type TimelineHistory } from '../domain/cluster/timeline.ts';
import { OperationError, reportOf } from '../domain/errors.ts';
import type { Fact } from '../domain/preflight/fact.ts';
import { readControl } from '../postgres/cluster/control.ts';
import { readServerState } from '../postgres/cluster/server-state.ts';
import { controlTimelineOf } from '../programs/cluster/control-data.ts';
import { hasStandbySignal } from '../programs/cluster/standby-signal.ts';
import type { PostgresCluster } from '../programs/postgres-cluster.ts';
import type { AgentJournal } from './agent-journal.ts';
import { ControlMemory } from './control-memory.ts';
import type { KeptSession } from './kept-session.ts';
import type { ProcessWatch } from './process-watch.ts';

export interface ObservationParts {
  readonly node: string;
  readonly journal: AgentJournal;
  readonly processes: ProcessWatch;
  readonly own: KeptSession;
  readonly server: () => Promise<PostgresCluster>;
}

/** Looks at a node from its own machine: process table, pg_control, data directory, and the server itself over the session that is kept open. */
export class Observation {
  readonly #parts: ObservationParts;
  readonly #controlData = new ControlMemory();
  /** A standby names the timeline it receives; without a receiver the last it named is the best that is known. */
  #receivedTimeline = 0;

  constructor(parts: ObservationParts) {
    this.#parts = parts;
  }

  async look(): Promise<AgentReport> {
    const { node, journal, processes } = this.#parts;
    const cluster = await fact(this.#parts.server());
    const [process, server] = await Promise.all([processes.look(), fact(this.#server(cluster))]);
    const [control, walDiskFreeBytes] = await Promise.all([fact(this.#control(cluster)), fact(freeBytes(cluster))]);
    const { epoch, destructiveStep } = journal.facts();
    const tombstone = 'ok' in cluster && hasStandbySignal(cluster.ok);
    return { node, epoch: epoch ?? NO_EPOCH, destructiveStep, tombstone, process, control, server, walDiskFreeBytes };
  }

  /** Of the timeline that a report names; null when its file cannot be read. */
  async historyOf(report: AgentReport): Promise<TimelineHistory | null> {
    const cluster = await fact(this.#parts.server());
    if ('failed' in cluster) return null;
    const timeline = 'ok' in report.server ? report.server.ok.timeline : await this.#controlData.read(cluster.ok).then(controlTimelineOf, () => undefined);
    return timeline === undefined ? null : await readHistory(cluster.ok.dataDir, timeline);
  }

  async #server(cluster: Fact<PostgresCluster>): Promise<ServerState> {
    const { dataDir } = okOf(cluster);
    const { archiverFailing, ...asked } = await this.#parts.own.ask(readServerState);
    if (asked.inRecovery && asked.receiver !== null) this.#receivedTimeline = asked.receiver.timeline;
    if (!asked.inRecovery) this.#receivedTimeline = 0;
    return { ...asked, timeline: Math.max(asked.timeline, this.#receivedTimeline), archiver: { readyFiles: await readyFiles(dataDir), failing: archiverFailing } };
  }

  async #control(cluster: Fact<PostgresCluster>): Promise<ControlFacts> {
    const { installation } = okOf(cluster);
    if (installation.programs.includes('pg_controldata')) return shown(await this.#controlData.read(okOf(cluster)));
    return await this.#parts.own.ask(readControl).catch((error: unknown) => {
      throw new OperationError('program_missing', `pg_control of a server that does not answer cannot be read`, { detail: `${installation.binDir} has no pg_controldata.`, hint: 'Install the whole PostgreSQL, and name its folder as `binDir` of the node.', cause: error });
    });
  }
}

/** Before the first checkpoint after a promotion only the end of its recovery names the new timeline; what is reported is that of the checkpoint (HA14). */
const shown = ({ systemIdentifier, state, timeline, checkpointLsn, redoLsn, walLogHints, dataChecksums, fullPageWrites }: ControlFacts): ControlFacts => ({ systemIdentifier, state, timeline, checkpointLsn, redoLsn, walLogHints, dataChecksums, fullPageWrites });

async function fact<T>(work: Promise<T>): Promise<Fact<T>> {
  try {
    return { ok: await work };
  } catch (error) {
    return { failed: reportOf(error) };
  }
}

function okOf<T>(one: Fact<T>): T {
  if ('ok' in one) return one.ok;
  const { code, ...report } = one.failed;
  throw new OperationError(code, report.message, report);
}

async function freeBytes(cluster: Fact<PostgresCluster>): Promise<number> {
  const { bavail, bsize } = await statfs(join(okOf(cluster).dataDir, 'pg_wal')).catch((error: unknown) => {
    throw new OperationError('node_failed', 'the disk of the log cannot be looked at', { detail: (error as Error).message, cause: error });
  });
  return bavail * bsize;
}

const readyFiles = async (dataDir: string): Promise<number> => (await readdir(join(dataDir, 'pg_wal', 'archive_status')).catch(() => [])).filter((name) => name.endsWith('.ready')).length;

export async function readHistory(dataDir: string, timeline: number): Promise<TimelineHistory | null> {
  if (timeline === 1) return { timeline, ancestors: [] };
  const name = `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;
  try {
    return parseHistory(timeline, await readFile(join(dataDir, 'pg_wal', name), 'utf8'));
  } catch {
    return null;
  }
}
