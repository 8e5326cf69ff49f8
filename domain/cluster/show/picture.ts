import { isData, type NodeDeclaration } from '../node.ts';
import type { AgentReport, ServerState } from '../node-facts.ts';
import { isFresh, type Observation, type Reading } from '../reading.ts';

/** A cluster as it is declared and as its agents see it. */
export interface ClusterPicture {
  readonly nodes: readonly NodePicture[];
  /** Vantage points that are no node, for example workers elsewhere, by the machine they run on. */
  readonly outsideMachines: readonly string[];
  readonly automaticFailover: boolean;
  readonly limits: { readonly freshMs: number; readonly lagBytes: number; readonly walDiskFreeBytes: number; readonly readyFiles: number };
  readonly now: Reading;
}

export interface NodePicture {
  readonly declaration: NodeDeclaration;
  /** The agent's last word; null when it never spoke. */
  readonly report: Observation<AgentReport> | null;
}

/** What the agent says, when it said so lately. */
export const freshReport = ({ report }: NodePicture, { now, limits }: Pick<ClusterPicture, 'now' | 'limits'>): AgentReport | null => (report !== null && isFresh(report, now, limits.freshMs) ? report.value : null);

/** What the server says, when it answers its agent. */
export function serverOf(node: NodePicture, picture: ClusterPicture): ServerState | null {
  const server = freshReport(node, picture)?.server;
  return server !== undefined && 'ok' in server ? server.ok : null;
}

export interface RunningNode {
  readonly declaration: NodeDeclaration;
  readonly report: AgentReport;
  readonly server: ServerState;
}

/** The nodes with data whose servers answer; a witness may have a server of its own, which is none of the cluster's. */
export const runningNodes = (picture: ClusterPicture): readonly RunningNode[] =>
  picture.nodes.filter(({ declaration }) => isData(declaration)).flatMap((node) => {
    const report = freshReport(node, picture);
    const server = serverOf(node, picture);
    return report === null || server === null ? [] : [{ declaration: node.declaration, report, server }];
  });

/** The one server that is writable; null when there is none, or more than one. */
export function soleWritable(picture: ClusterPicture): RunningNode | null {
  const writable = runningNodes(picture).filter(({ server }) => !server.inRecovery);
  return writable.length === 1 ? writable[0]! : null;
}
