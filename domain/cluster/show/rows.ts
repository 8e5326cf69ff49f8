/** The table of `cluster show` (R49), one row for each node. */
import { lsnDistance, type Lsn } from '../../lsn.ts';
import type { ClusterNode } from '../cluster.ts';
import { positionOf } from '../position.ts';
import type { SyncState } from '../replication-facts.ts';
import { statusOf, type NodeStatus } from './node-status.ts';
import { freshReport, serverOf, soleWritable, type ClusterPicture } from './picture.ts';

export interface NodeRow {
  readonly node: string;
  readonly role: string;
  readonly status: NodeStatus;
  readonly upstream: string | null;
  readonly location: string;
  readonly priority: number;
  readonly timeline: number | null;
  /** Where it writes, or has received and replayed. */
  readonly lsn: Lsn | null;
  /** Log that the primary has and the node has not received. */
  readonly lagBytes: number | null;
  /** Log that it has received and not applied. */
  readonly applyLagBytes: number | null;
  /** Of its stream, as its upstream says; null when it has none. */
  readonly sync: SyncState | null;
  /** Why its agent or its server does not answer. */
  readonly reason: string | null;
  /** How it is dialled, without a secret. */
  readonly conninfo: string;
}

export function nodeRows(picture: ClusterPicture, nodes: readonly ClusterNode[]): readonly NodeRow[] {
  const writeLsn = soleWritable(picture)?.server.writeLsn ?? null;
  return nodes.map((node) => rowOf(node, picture, writeLsn));
}

function rowOf(node: ClusterNode, picture: ClusterPicture, writeLsn: Lsn | null): NodeRow {
  const shown = picture.nodes.find(({ declaration }) => declaration.name === node.name)!;
  const server = node.role === 'witness' ? null : serverOf(shown, picture);
  const position = server === null ? null : positionOf(server);
  const received = server === null || !server.inRecovery ? null : position;
  const fact = freshReport(shown, picture)?.server;
  return {
    node: node.name, role: node.role, status: statusOf(shown, picture), upstream: node.upstream, location: node.location, priority: node.priority,
    timeline: server?.timeline ?? null,
    lsn: position,
    lagBytes: received === null || writeLsn === null ? null : lsnDistance(received, writeLsn),
    applyLagBytes: received === null || server?.replayLsn == null ? null : lsnDistance(server.replayLsn, received),
    sync: syncOf(node, picture),
    reason: node.role !== 'witness' && fact !== undefined && 'failed' in fact ? fact.failed.message : null,
    conninfo: node.dataDir === null ? `host=${node.host}` : `host=${node.host} port=${node.port} application_name=${node.applicationName}`,
  };
}

const syncOf = ({ applicationName, role }: ClusterNode, picture: ClusterPicture): SyncState | null =>
  role === 'witness' ? null : (picture.nodes.flatMap((one) => serverOf(one, picture)?.senders ?? []).find((sender) => sender.applicationName === applicationName)?.syncState ?? null);
