/** A cluster as it is wanted: names, places and limits, without a secret. What it is at the moment, its agents say. */
import type { Route } from '../migration/plan.ts';
import type { LeaseTerms } from './failover/fence.ts';
import type { FailoverPolicy } from './failover/gates.ts';
import type { NodeDeclaration } from './node.ts';
import type { SynchronousPolicy } from './synchronous/recompute.ts';

export type SettingValue = string | number | boolean;

/** A node with the place it lives at. Its role and upstream are those it is registered with. */
export interface ClusterNode extends NodeDeclaration {
  readonly host: string;
  readonly port: number;
  /** Null for a witness. */
  readonly dataDir: string | null;
  readonly binDir: string | null;
  readonly socketDir: string | null;
  /** Of the cluster and the node, the node's over the cluster's. */
  readonly settings: Readonly<Record<string, SettingValue>>;
  /** The node it is to stream from whoever is primary; null: the primary. */
  readonly wantedUpstream: string | null;
}

export interface ClusterPlan {
  readonly cluster: string;
  readonly nodes: readonly ClusterNode[];
  /** Null: the newest that is installed. */
  readonly major: number | null;
  readonly superuser: string;
  readonly replicationUser: string;
  readonly applicationUser: string | null;
  readonly database: string;
  readonly trusted: readonly string[];
  /** Null: asynchronous. */
  readonly synchronous: SynchronousPolicy | null;
  readonly route: Route;
  readonly watch: FailoverPolicy & {
    readonly intervalMs: number;
    readonly silenceMs: number;
    /** Words older than this are stale. */
    readonly freshMs: number;
    /** A vantage point that was silent for so long may be struck off while the others see the primary. */
    readonly strikeOffMs: number;
    readonly localRestart: 'allowed' | 'never';
    readonly maxLossBytes: number | null;
    readonly longestPauseMs: number;
  };
  readonly lease: LeaseTerms;
  /** What cuts a node off from outside; null: nothing does. */
  readonly fence: { readonly command: readonly string[]; readonly timeoutMs: number } | null;
  readonly window: { readonly budgetMs: number; readonly silenceMs: number; readonly drainMs: number };
  readonly limits: { readonly lagBytes: number; readonly walDiskFreeBytes: number; readonly readyFiles: number; readonly senderSilenceMs: number };
}
