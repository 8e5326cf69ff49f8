import type { Fact } from '../../preflight/fact.ts';
import type { NodeDeclaration } from '../node.ts';
import type { AgentReport } from '../node-facts.ts';
import type { Observation, Reading } from '../reading.ts';

/** How an attempt to do something by way of trial ended. */
export type Trial = { readonly outcome: 'done' } | { readonly outcome: 'refused'; readonly reason: string };

/** What blocks or prolongs the stop of the primary (C2, C4). */
export interface LoadFacts {
  /** Milliseconds since the oldest transaction began; 0 for none. */
  readonly oldestTransactionMs: number;
  readonly oldestTransactionOf: string | null;
  /** Base backups that run, ours and others' (HA26). */
  readonly backups: readonly string[];
  /** Dirty bytes in shared buffers that the stop has to write. */
  readonly dirtyBytes: number;
  /** Sessions that hold what dies with the role change: temporary tables, advisory locks, LISTEN, cursors (HA60). */
  readonly sessionStates: readonly string[];
}

/** How applications are led: through a pooler that can hold them, by lists of hosts, or by a hook of the operator. */
export interface RouteFacts {
  readonly kind: 'pooler' | 'multi-host' | 'hook';
  /** `pool_mode` of the pooler; null without one. */
  readonly poolMode: 'session' | 'transaction' | 'statement' | null;
}

/** Everything that a planned switchover looks at before anybody is asked for consent. All of it is read; nothing is changed. */
export interface SwitchoverFacts {
  readonly primary: { readonly declaration: NodeDeclaration; readonly report: Observation<AgentReport> };
  readonly candidate: { readonly declaration: NodeDeclaration; readonly report: Observation<AgentReport> };
  readonly siblings: readonly { readonly declaration: NodeDeclaration; readonly report: Observation<AgentReport> | null }[];
  readonly load: Fact<LoadFacts>;
  readonly route: RouteFacts;
  /** A replication connection from the old primary to the candidate, as it will be used (HA55). */
  readonly replicationLogin: Fact<Trial>;
  /** A login at the candidate as the application's role (HA55). */
  readonly applicationLogin: Fact<Trial>;
  /** Files of the candidate and the old primary that we have to write: whether they can be written. */
  readonly configurationOwned: Fact<Trial>;
  /** How long the candidate's restore_command takes for a segment that is not there; null when there is none. */
  readonly restoreCommandMs: Fact<number | null>;
  /** Round trips of routing: pause, reload, resume. Null: how long a hook takes is not known before it is called. */
  readonly routeSwitchMs: Fact<number | null>;
  readonly otherOperation: string | null;
  /** Milliseconds since the last change of roles; null: never. */
  readonly lastRoleChangeMs: number | null;
  readonly limits: {
    readonly freshMs: number;
    readonly lagBytes: number;
    readonly coolDownMs: number;
    readonly readyFiles: number;
    /** How long sessions may take to end their transactions before they are ended. */
    readonly drainMs: number;
    /** A follower that has not replied for so long counts as frozen. */
    readonly senderSilenceMs: number;
  };
  readonly now: Reading;
}
