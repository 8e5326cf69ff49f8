/** The gates of a migration, in order. Each keeps evidence and can be checked again by asking the two servers. */
export const GATES = [
  'preflight',
  'schema',
  'copied',
  'indexed',
  'caught-up',
  'verified',
  'approved',
  'fenced',
  'drained',
  'sequences',
  'switched',
  'committed',
] as const;

export type Gate = (typeof GATES)[number];

/** The phases an operator sees: what is done between gates, in order. */
export const PHASES = ['preflight', 'schema', 'copy', 'indexes', 'catch-up', 'approval', 'cutover', 'commit'] as const;

export type Phase = (typeof PHASES)[number];

/** Up to and with the cutover window an abort leaves everything as it was; after the switch the way back is another operation. */
export const canAbort = (phase: Phase): boolean => phase !== 'commit';
