import { canAbort, type Phase } from './gates.ts';
import type { MigrationState } from './progress.ts';

/** What an operator may say to a migration under way. */
export const MIGRATION_ORDERS = ['approve', 'pause', 'resume', 'abort', 'commit'] as const;
export type MigrationOrder = (typeof MIGRATION_ORDERS)[number];

/** Where a migration stands, as far as orders depend on it. */
export interface Standing {
  readonly state: MigrationState;
  readonly phase: Phase;
  /** A pause was ordered, and has perhaps not yet come into effect. */
  readonly pauseOrdered: boolean;
  readonly switched: boolean;
}

interface OrderRule {
  /** Shown in the Temporal UI beside the button. */
  readonly description: string;
  readonly fits: (standing: Standing) => boolean;
  /** Said when it does not fit. */
  readonly why: string;
}

const ENDED: readonly MigrationState[] = ['completed', 'aborting', 'aborted', 'failed'];

/** When each order fits. */
export const ORDER_RULES: Readonly<Record<MigrationOrder, OrderRule>> = {
  approve: {
    description: 'Lets the cutover begin. {"by": "your name", "note": "optional"}',
    fits: ({ state }) => state === 'waiting-for-approval',
    why: 'It can be approved when it waits for approval.',
  },
  pause: {
    description: 'Begins no further step; what is at work ends. Changes go on being followed. {"by": "your name"}',
    fits: ({ state, phase }) => phase !== 'cutover' && (state === 'running' || state === 'waiting-for-approval'),
    why: 'It can be paused while it runs; a window ends, or takes itself back, within its budget.',
  },
  resume: {
    description: 'Goes on after a pause, or tries again what failed. {"by": "your name"}',
    fits: ({ state, pauseOrdered }) => state === 'paused' || state === 'parked' || pauseOrdered,
    why: 'There is nothing to resume.',
  },
  abort: {
    description: 'Stops, and leaves both servers as they were. Not possible once the target serves. {"by": "your name"}',
    fits: ({ state, phase, switched }) => canAbort(phase) && !switched && !ENDED.includes(state),
    why: 'After the switch the target serves the application; an abort under way cannot be aborted.',
  },
  commit: {
    description: 'Ends the migration: removes what it made on both servers. {"by": "your name"}',
    fits: ({ state }) => state === 'waiting-for-commit',
    why: 'It can be committed after the switch.',
  },
};
