/**
 * The steps of a switchover (C) and of a failover (D), in order, with what takes each back. The journal of a run names them; `machine.ts` decides from the
 * journal what comes next.
 */
import type { Citation } from '../citation.ts';

export const FAILURE_POLICIES = ['undo', 'wait', 'retry', 'go-on'] as const;

/**
 * What a failure means. `undo`: everything so far is taken back. `wait`: the run stays where it is and calls a human; the step is done again when facts
 * change. `retry`: there is no other way than through. `go-on`: service is up, redundancy will not be complete.
 */
export type FailurePolicy = (typeof FAILURE_POLICIES)[number];

export interface RunStep {
  readonly id: string;
  readonly by: Citation;
  readonly onFailure: FailurePolicy;
  /** What takes it back; null: it leaves nothing behind. */
  readonly undo: string | null;
  /** When this cannot be taken back, the old primary cannot serve, and a failover has to find another. */
  readonly escalates?: true;
}

/** The claim of the epoch, in both plans: from then on only forward. */
export const POINT_OF_NO_RETURN = 'claim-epoch';

const LOCK: readonly RunStep[] = [
  { id: 'lock', by: 'C1', onFailure: 'undo', undo: 'release the cluster' },
  { id: 'reserve-epoch', by: 'C1', onFailure: 'undo', undo: null },
];

export const SWITCHOVER_STEPS: readonly RunStep[] = [
  ...LOCK,
  { id: 'pause-watcher', by: 'C1', onFailure: 'undo', undo: 'resume the watcher, if we paused it' },
  { id: 'preflight', by: 'C2', onFailure: 'undo', undo: null },
  { id: 'prepare', by: 'C3', onFailure: 'undo', undo: 'lead siblings, slots and settings back' },
  { id: 'drain', by: 'C4', onFailure: 'undo', undo: 'open the route to the old primary', escalates: true },
  { id: 'stop-primary', by: 'C5', onFailure: 'undo', undo: 'start the old primary', escalates: true },
  { id: 'tombstone', by: 'C5', onFailure: 'undo', undo: 'remove the tombstone', escalates: true },
  { id: 'confirm-received', by: 'C5', onFailure: 'undo', undo: null },
  { id: POINT_OF_NO_RETURN, by: 'C5', onFailure: 'undo', undo: null },
  { id: 'promote', by: 'C5', onFailure: 'retry', undo: null },
  { id: 'prove-writable', by: 'C5', onFailure: 'retry', undo: null },
  { id: 'switch-route', by: 'C5', onFailure: 'retry', undo: null },
  { id: 'start-old-as-standby', by: 'C6', onFailure: 'go-on', undo: null },
  { id: 'confirm-siblings', by: 'C7', onFailure: 'go-on', undo: null },
  { id: 'tidy-slots', by: 'C7', onFailure: 'go-on', undo: null },
  { id: 'analyze', by: 'C8', onFailure: 'go-on', undo: null },
  { id: 'resume-watcher', by: 'C8', onFailure: 'retry', undo: null },
  { id: 'unlock', by: 'C8', onFailure: 'retry', undo: null },
];

export const FAILOVER_STEPS: readonly RunStep[] = [
  ...LOCK.map((step): RunStep => ({ ...step, by: 'D1' })),
  { id: 'verify-lost', by: 'D2', onFailure: 'undo', undo: null },
  { id: 'fence', by: 'D3', onFailure: 'wait', undo: 'lift the fence: remove the tombstone, start the old primary, open its route', escalates: true },
  { id: 'detach-receivers', by: 'D4', onFailure: 'wait', undo: 'let the standbys receive from the old primary again' },
  { id: 'elect', by: 'D5', onFailure: 'wait', undo: null },
  { id: 'fetch-missing', by: 'D5', onFailure: 'wait', undo: null },
  { id: 'set-synchronous-names', by: 'D6', onFailure: 'wait', undo: 'set the names of the candidate back' },
  { id: POINT_OF_NO_RETURN, by: 'D6', onFailure: 'undo', undo: null },
  { id: 'promote', by: 'D6', onFailure: 'retry', undo: null },
  { id: 'prove-writable', by: 'D6', onFailure: 'retry', undo: null },
  { id: 'switch-route', by: 'D6', onFailure: 'retry', undo: null },
  { id: 'checkpoint', by: 'D7', onFailure: 'go-on', undo: null },
  { id: 'lead-siblings', by: 'D7', onFailure: 'go-on', undo: null },
  { id: 'rejoin-old', by: 'D8', onFailure: 'go-on', undo: null },
  { id: 'analyze', by: 'D8', onFailure: 'go-on', undo: null },
  { id: 'unlock', by: 'D8', onFailure: 'retry', undo: null },
];
