import type { Lsn } from '../lsn.ts';

/** The one row of pg_stat_wal_receiver. */
export interface WalReceiver {
  readonly status: string;
  readonly senderHost: string;
  readonly senderPort: number;
  readonly slot: string | null;
  readonly timeline: number;
  /** Since the last message of the upstream, on the standby's own clock. */
  readonly lastMessageAgeMs: number;
}

/** `sync_state` of pg_stat_replication. */
export const SYNC_STATES = ['async', 'potential', 'sync', 'quorum'] as const;
export type SyncState = (typeof SYNC_STATES)[number];

/** A row of pg_stat_replication. */
export interface WalSender {
  readonly applicationName: string;
  /** `streaming`, `catchup`, `backup`, … */
  readonly state: string;
  readonly sentLsn: Lsn | null;
  readonly flushLsn: Lsn | null;
  readonly replayLsn: Lsn | null;
  readonly syncState: SyncState;
  /** Since its last reply, on the server's clock; null when it never replied. */
  readonly replyAgeMs: number | null;
}

export interface PhysicalSlot {
  readonly name: string;
  readonly active: boolean;
  /** `reserved`, `extended`, `unreserved`, `lost`; null before 13 or while nothing is reserved. */
  readonly walStatus: string | null;
}

export interface LogicalSlot {
  readonly name: string;
  readonly database: string;
  /** Of 17 and later: the server carries it to standbys itself. */
  readonly failover: boolean;
  /** On a standby of 17 and later: it is here and usable after a promotion. */
  readonly synced: boolean;
}
