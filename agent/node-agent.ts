/**
 * The agent of a node, as the steps see it: the one process on a database host that may touch its server. It observes by itself, keeps its lease
 * without Temporal and without the catalog, and takes orders as activities on the task queue of its node.
 */
import type { ClusterNode, ClusterPlan } from '../domain/cluster/cluster.ts';
import type { Epoch } from '../domain/cluster/epoch.ts';
import type { AgentReport } from '../domain/cluster/node-facts.ts';
import type { TimelineHistory } from '../domain/cluster/timeline.ts';
import type { Secret } from '../domain/secret.ts';
import type { ServerAddress } from '../domain/server.ts';
import type { Session } from '../postgres/connection.ts';
import type { PostgresCluster } from '../programs/postgres-cluster.ts';
import type { AgentJournal } from './agent-journal.ts';

/** What every order carries: an agent that has seen a higher epoch refuses it. */
export interface NodeOrder {
  readonly cluster: string;
  readonly epoch: Epoch;
  /** Id of the run that gives it. The same operation may give an order again; another one waits until the first has ended. */
  readonly operation: string;
}

export interface NodeAgent {
  readonly cluster: string;
  readonly node: string;
  /** The inventory as it is now. */
  plan(): ClusterPlan;
  self(): ClusterNode;
  /** The server of this node on this machine. Throws `name_unknown` for a witness, `program_missing`. */
  server(): Promise<PostgresCluster>;
  /** Addresses with secrets resolved now: of any node as the superuser, of this node over loopback or its own address. */
  address(node: string): ServerAddress;
  replicationPassword(): Secret | undefined;
  applicationPassword(): Secret | undefined;
  /** Folder of what the agent keeps beside the data directory: epoch, journal, passfile, saved configuration, evidence. */
  readonly stateDir: string;
  readonly journal: AgentJournal;
  /** The superuser's connection to the own server that is kept open; dialled anew when it was lost. Throws `server_unreachable` and its like. */
  session(): Promise<Session>;
  /** Looks now, past what the loop saw last, and publishes it. */
  look(): Promise<AgentReport>;
  /** History of the timeline it is on; null when it cannot be read. */
  history(): Promise<TimelineHistory | null>;
  /**
   * Runs an order: refuses one of a lower epoch (`epoch_refused`), keeps a higher one on disk before it acts, lets one order at a time work, and lets an
   * order that is given again by the same operation attach to the one that runs.
   */
  obey<T>(order: NodeOrder, name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** While it is held, the loop neither fences the node itself nor reports its server as dead by surprise: somebody stops it on purpose. */
  expectStop(): Disposable;
}
