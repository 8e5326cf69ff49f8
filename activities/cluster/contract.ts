/**
 * What the steps on nodes take and give. Each runs on the queue of its node (`nodeQueue`), carries the epoch, looks first, acts only if needed, confirms, and
 * gives back facts; an agent refuses one of a lower epoch than it has seen.
 */
import type { NodeOrder } from '../../agent/node-agent.ts';
import type { FenceReport } from '../../domain/cluster/failover/fence.ts';
import type { AgentReport } from '../../domain/cluster/node-facts.ts';
import type { RejoinVerdict } from '../../domain/cluster/rejoin/verdict.ts';
import type { NodeCheck } from '../../domain/cluster/run/node-run.ts';
import type { SynchronousNames } from '../../domain/cluster/synchronous/names.ts';
import type { TimelineHistory } from '../../domain/cluster/timeline.ts';
import type { Lsn } from '../../domain/lsn.ts';

export interface NodeLook {
  readonly report: AgentReport;
  readonly history: TimelineHistory | null;
}

export interface NodeSteps {
  /** Looks now. Needs no epoch. */
  observeNode(input: { readonly cluster: string }): Promise<NodeLook>;
  /** initdb, roles, settings, pg_hba.conf of all nodes; starts it as the first primary. */
  initNode(order: NodeOrder): Promise<NodeLook>;
  /** Whether a first primary can be made here; needs no epoch and changes nothing. */
  checkInit(input: { readonly cluster: string }): Promise<readonly NodeCheck[]>;
  /** A1: what has to hold before a clone; changes nothing. */
  checkClone(order: NodeOrder & { readonly source: string; readonly upstream: string; readonly replace?: boolean }): Promise<readonly NodeCheck[]>;
  /** F1: whether the node may follow `upstream`; changes nothing. */
  checkFollow(order: NodeOrder & { readonly upstream: string }): Promise<NodeCheck>;
  /** Step list A: base backup from `source` into a side folder, verified, renamed, made a standby of `upstream`, started, streaming. `replace`: stops what runs and moves its data directory aside. */
  cloneNode(order: NodeOrder & { readonly source: string; readonly upstream: string; readonly replace?: boolean }): Promise<NodeLook & { readonly bytes: number; readonly movedAside: string | null }>;
  /** Takes a clone back that failed before it was in place: side folder, slot, and what was moved aside. */
  undoClone(order: NodeOrder & { readonly source: string; readonly upstream: string; readonly replace?: boolean }): Promise<{ readonly takenBack: boolean }>;
  /** Starts what is down; `standby` writes the signal file and where to stream from first, `primary` takes them away. */
  startNode(order: NodeOrder & ({ readonly as: 'primary' } | { readonly as: 'standby'; readonly upstream: string })): Promise<NodeLook>;
  stopNode(order: NodeOrder & { readonly mode: 'fast' | 'immediate'; readonly withinMs: number }): Promise<NodeLook>;
  /** D3: kills every process of it and sets the tombstone. */
  fenceNode(order: NodeOrder): Promise<FenceReport>;
  /** The undo of a fence: takes the tombstone away and starts it as the primary it was. */
  liftFence(order: NodeOrder): Promise<NodeLook>;
  /** D4: takes the receiver off and waits until it is gone; where it stands then. */
  detachReceiver(order: NodeOrder): Promise<NodeLook>;
  /** F: streams from `upstream` and confirms it. Undo of a detach too. */
  followNode(order: NodeOrder & { readonly upstream: string }): Promise<NodeLook>;
  /** Waits until the log up to `toLsn` has come from `from`, then detaches again (D5). */
  fetchLog(order: NodeOrder & { readonly from: string; readonly toLsn: Lsn }): Promise<NodeLook>;
  setSynchronousNames(order: NodeOrder & { readonly names: SynchronousNames | null }): Promise<void>;
  /** Creates and drops our physical slots so that they are the planned ones; ends with what needs a look. */
  reconcileNodeSlots(order: NodeOrder & { readonly planned: readonly string[]; readonly keep: readonly string[] }): Promise<{ readonly created: readonly string[]; readonly dropped: readonly string[]; readonly alert: readonly string[] }>;
  checkpointNode(order: NodeOrder): Promise<{ readonly controlTimeline: number }>;
  /** ANALYZE of every database, off the critical path (HA49). */
  analyzeNode(order: NodeOrder): Promise<{ readonly databases: number }>;
  /** E2–E6 for a node whose server is down or fenced: classify, keep evidence, start, rewind or say that it has to be cloned. */
  judgeRejoinOf(order: NodeOrder & { readonly primary: string }): Promise<RejoinVerdict>;
  rewindNode(order: NodeOrder & { readonly primary: string }): Promise<NodeLook & { readonly evidence: string | null }>;
}
