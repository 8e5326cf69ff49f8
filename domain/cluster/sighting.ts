/**
 * What a vantage point sees of a node from outside, about once a second (G1): it dials by address and asks `SELECT 1`. A vantage point is the agent of
 * another node, a witness, or a worker that is on no data node. One that says nothing is unknown, never a witness of death.
 */
export const ANSWERS = ['serving', 'in-recovery', 'starting', 'shutting-down', 'too-many-connections', 'authentication', 'disk-full', 'refused', 'timed-out', 'unreachable'] as const;
export type Answer = (typeof ANSWERS)[number];

export interface Sighting {
  /** Node that was looked at. */
  readonly subject: string;
  readonly answer: Answer;
  /** Whether the name in connection strings resolves, asked apart from dialling the address: lost names are not a lost server (HA12). */
  readonly nameResolves: boolean;
  /** On a standby of the subject: since the subject's last replication message; null where it does not stream from it. */
  readonly receiverAgeMs: number | null;
  /** Other vantage points that answered this one in the same round: who reaches nobody is cut off itself (HA10). */
  readonly reaches: readonly string[];
}

/** What a sighting says about the primary. */
export const IMPRESSIONS = ['seen', 'troubled', 'lost'] as const;
export type Impression = (typeof IMPRESSIONS)[number];

/** `troubled`: a living server that cannot serve now. Not one of these is a death (HA13, G2). */
const OF_ANSWER: Readonly<Record<Answer, Impression>> = {
  serving: 'seen',
  'in-recovery': 'troubled',
  starting: 'troubled',
  'shutting-down': 'troubled',
  'too-many-connections': 'troubled',
  authentication: 'troubled',
  'disk-full': 'troubled',
  refused: 'lost',
  'timed-out': 'lost',
  unreachable: 'lost',
};

/** A replication message within `silenceMs` is a sighting, whatever the dial says: the primary lives and has a follower (HA8). */
export function impressionOf({ answer, receiverAgeMs }: Sighting, silenceMs: number): Impression {
  if (receiverAgeMs !== null && receiverAgeMs < silenceMs) return 'seen';
  return OF_ANSWER[answer];
}
