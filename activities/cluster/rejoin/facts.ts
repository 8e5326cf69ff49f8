import type { NodeAgent, NodeOrder } from '../../../agent/node-agent.ts';
import type { RejoinFacts } from '../../../domain/cluster/rejoin/verdict.ts';
import { furthest } from '../../../domain/cluster/position.ts';
import { lsnOf, segmentNameOf } from '../../../domain/cluster/segment.ts';
import { commonAncestor, type TimelineHistory } from '../../../domain/cluster/timeline.ts';
import { hasReached, lsnToBytes, type Lsn } from '../../../domain/lsn.ts';
import { checkpoint } from '../../../postgres/cluster/primary-orders.ts';
import { type LogPlace, readLogPlace } from '../../../postgres/cluster/timeline.ts';
import { archiveHas, offlineSetting, readyFiles } from '../../../programs/cluster/archive-command.ts';
import { controlTimelineOf, type ControlDetails, readControlData } from '../../../programs/cluster/control-data.ts';
import { serverProcesses } from '../../../programs/cluster/server-processes.ts';
import { endOfLog, historyOf, lastRedoIn, segmentsOf } from '../../../programs/cluster/wal-log.ts';
import type { PostgresCluster } from '../../../programs/postgres-cluster.ts';
import { dial } from '../on-node.ts';

const NOWHERE = lsnOf(0n);

/** The primary to join, with its pg_control brought to the timeline it writes (E4): a rewind from one that is behind finds nothing to do (HA14). */
export async function readPrimary(agent: NodeAgent, primary: string): Promise<LogPlace> {
  await using session = await dial(agent, primary, 'rejoin');
  const place = await readLogPlace(session);
  if (place.inRecovery || place.controlTimeline === place.history.timeline) return place;
  await checkpoint(session);
  return await readLogPlace(session);
}

/** What is known of a node whose server is down, and of the primary it is to join (E2). */
export async function gatherRejoin(agent: NodeAgent, { operation }: NodeOrder, primary: string): Promise<RejoinFacts> {
  const server = await agent.server();
  const place = await readPrimary(agent, primary);
  const { destructiveStep, rewriteEnded } = agent.journal.facts();
  const journal = { destructiveStep, rewriteEnded, major: server.installation.major, processesLeft: serverProcesses(server.dataDir).length };
  const source = { ...place, writeLsn: place.positionLsn };
  const log = await readLog(server, place).catch(() => undefined);
  return { operation, primary: source, node: log === undefined ? { ...UNREADABLE, ...journal, history: place.history, systemIdentifier: place.systemIdentifier } : { ...log, ...journal } };
}

type LogFacts = Omit<RejoinFacts['node'], 'major' | 'processesLeft' | 'destructiveStep' | 'rewriteEnded'>;

/** Stands for a node of which nothing can be read: all that is decided from it is that it has to be cloned. */
const UNREADABLE: Omit<LogFacts, 'history' | 'systemIdentifier'> = {
  state: 'in crash recovery', endLsn: NOWHERE, walLogHints: false, dataChecksums: false, fullPageWrites: false, controlReadable: false, oldestWalLsn: NOWHERE, lastCommonRedoLsn: NOWHERE, archiveHasRest: null, readyFiles: 0,
};

async function readLog(server: PostgresCluster, primary: LogPlace): Promise<LogFacts> {
  const control = await readControlData(server);
  const history = await historyOf(server, controlTimelineOf(control));
  const oldestWalLsn = (await segmentsOf(server, control.segmentBytes))[0]?.beginLsn ?? control.checkpointLsn;
  const lastCommonRedoLsn = await lastCommonRedo(server, { control, history, primary, oldestWalLsn });
  const there = hasReached(lastCommonRedoLsn, oldestWalLsn);
  return {
    ...control,
    history,
    endLsn: await endOf(server, control, history),
    controlReadable: true,
    oldestWalLsn,
    lastCommonRedoLsn,
    archiveHasRest: there ? null : await archiveHasRest(server, { history, oldestWalLsn, segmentBytes: control.segmentBytes }),
    readyFiles: (await readyFiles(server)).length,
  };
}

/** Of a clean stop the shutdown checkpoint; else the log is read to its end, because a standby replays all it has when it starts, whatever pg_control says. */
async function endOf(server: PostgresCluster, control: ControlDetails, { timeline, ancestors }: TimelineHistory): Promise<Lsn> {
  if (control.state === 'shut down') return control.checkpointLsn;
  const from = furthest([control.redoLsn, ancestors.at(-1)?.endLsn ?? null])!;
  const known = furthest([control.checkpointLsn, control.minRecoveryLsn])!;
  return furthest([known, (await endOfLog(server, { timeline, from }, control.segmentBytes)) ?? null])!;
}

/** The redo of the last checkpoint before the two parted; nowhere when it is not in the log that is left. */
async function lastCommonRedo(server: PostgresCluster, { control, history, primary, oldestWalLsn }: { control: ControlDetails; history: TimelineHistory; primary: LogPlace; oldestWalLsn: Lsn }): Promise<Lsn> {
  const common = commonAncestor(history, primary.history);
  if (common === undefined || common.forkLsn === null) return control.redoLsn;
  const before = control.timeline === common.timeline && lsnToBytes(control.checkpointLsn) < lsnToBytes(common.forkLsn);
  if (before) return control.redoLsn;
  const begin = history.ancestors.findLast(({ timeline }) => timeline < common.timeline)?.endLsn ?? null;
  return (await lastRedoIn(server, { timeline: common.timeline, from: furthest([oldestWalLsn, begin])!, to: common.forkLsn }).catch(() => undefined)) ?? NOWHERE;
}

/** Whether the segment before the oldest that is left comes back from the archive; null when there is no restore_command to ask. */
async function archiveHasRest(server: PostgresCluster, { history, oldestWalLsn, segmentBytes }: { history: TimelineHistory; oldestWalLsn: Lsn; segmentBytes: number }): Promise<boolean | null> {
  const command = await offlineSetting(server, 'restore_command');
  const before = lsnToBytes(oldestWalLsn) - BigInt(segmentBytes);
  if (command === '' || before < 0n) return null;
  const lsn = lsnOf(before);
  const timeline = history.ancestors.find(({ endLsn }) => !hasReached(lsn, endLsn))?.timeline ?? history.timeline;
  return await archiveHas(server, command, segmentNameOf(timeline, lsn, segmentBytes));
}
