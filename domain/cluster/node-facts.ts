/**
 * What the agent of a node says about it. Three sources, each with its own blindness: the process table, `pg_controldata`, and the server itself over
 * a local connection that is kept open. An answer that is missing is a {@link Fact} that says why; it is never taken for a good one.
 */
import type { Lsn } from '../lsn.ts';
import type { Fact } from '../preflight/fact.ts';
import type { Settings } from '../preflight/server-facts.ts';
import type { Epoch } from './epoch.ts';
import type { PhysicalSlot, LogicalSlot, WalReceiver, WalSender } from './replication-facts.ts';

/** `Database cluster state` of pg_controldata, as it prints it. https://www.postgresql.org/docs/current/app-pgcontroldata.html */
export const CONTROL_STATES = ['starting up', 'shut down', 'shut down in recovery', 'shutting down', 'in crash recovery', 'in archive recovery', 'in production'] as const;
export type ControlState = (typeof CONTROL_STATES)[number];

/** pg_control on disk. Its timeline stays behind the running server's until the first checkpoint after a promotion (HA14). */
export interface ControlFacts {
  /** Text, as it passes 2^53. */
  readonly systemIdentifier: string;
  readonly state: ControlState;
  /** Of the latest checkpoint. */
  readonly timeline: number;
  readonly checkpointLsn: Lsn;
  readonly redoLsn: Lsn;
  readonly walLogHints: boolean;
  readonly dataChecksums: boolean;
  readonly fullPageWrites: boolean;
}

/** From the process table. `zombie` is dead but not reaped, and blocks a start (HA4); `frozen` is stopped by a signal or hangs in the kernel. */
export const POSTMASTER_STATES = ['running', 'frozen', 'zombie', 'gone'] as const;
export type PostmasterState = (typeof POSTMASTER_STATES)[number];

export interface ProcessFacts {
  readonly postmaster: PostmasterState;
  /** Living server processes of this data directory, orphans of a dead postmaster included: each may still commit (HA4). */
  readonly children: number;
}

export interface ArchiverFacts {
  /** Segments waiting in `archive_status`. */
  readonly readyFiles: number;
  /** Whether the last attempt failed. */
  readonly failing: boolean;
}

/** What the server says of itself. */
export interface ServerState {
  /** As printed, for example `15.18`. */
  readonly version: string;
  readonly major: number;
  readonly inRecovery: boolean;
  /** The timeline it writes, or receives. */
  readonly timeline: number;
  /** Where it writes; null in recovery. */
  readonly writeLsn: Lsn | null;
  /** `pg_last_wal_receive_lsn()`: null on a standby that was restarted while detached (HA36). */
  readonly receiveLsn: Lsn | null;
  /** `pg_last_wal_replay_lsn()`; null on a primary. */
  readonly replayLsn: Lsn | null;
  readonly replayPaused: boolean;
  readonly receiver: WalReceiver | null;
  readonly senders: readonly WalSender[];
  readonly physicalSlots: readonly PhysicalSlot[];
  readonly logicalSlots: readonly LogicalSlot[];
  readonly settings: Settings;
  readonly archiver: ArchiverFacts;
  /** Global ids of prepared transactions, which survive a promotion (HA46). */
  readonly preparedTransactions: readonly string[];
}

export interface AgentReport {
  readonly node: string;
  /** The highest the agent has seen and kept. */
  readonly epoch: Epoch;
  /** Of a rewind or clone that began and did not end: the data directory is not to be started or elected (HA21). */
  readonly destructiveStep: string | null;
  /** There is a `standby.signal`: whoever starts the server, it comes up read-only (HA5). Every standby has one; a primary that was fenced does. */
  readonly tombstone: boolean;
  readonly process: ProcessFacts;
  readonly control: Fact<ControlFacts>;
  readonly server: Fact<ServerState>;
  /** Bytes free where pg_wal lies. */
  readonly walDiskFreeBytes: Fact<number>;
}
