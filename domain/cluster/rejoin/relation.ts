/**
 * How the log of a node lies to the log of the current primary (E2). It is decided from histories and positions alone: pg_rewind says "no rewind
 * required", with exit code 0, in two cases where the node cannot follow (HA14, HA15).
 */
import type { RuleResult } from '../citation.ts';
import { hasReached, type Lsn } from '../../lsn.ts';
import type { ControlState } from '../node-facts.ts';
import { commonAncestor, sameHistory, type TimelineHistory } from '../timeline.ts';

export const RELATIONS = ['clean', 'behind', 'ahead', 'forked', 'same-timeline-other-fork', 'foreign'] as const;
export type Relation = (typeof RELATIONS)[number];

/** A stopped node, or one that is about to be. */
export interface NodeLog {
  readonly systemIdentifier: string;
  readonly state: ControlState;
  readonly history: TimelineHistory;
  /** Where its valid log ends: of a clean stop the shutdown checkpoint, else found by reading the log, or received and replayed. */
  readonly endLsn: Lsn;
}

export interface PrimaryLog {
  readonly systemIdentifier: string;
  readonly history: TimelineHistory;
  readonly writeLsn: Lsn;
}

export interface RelationVerdict extends RuleResult {
  readonly relation: Relation;
  /** Where the two part; null when they do not, or share nothing. */
  readonly forkLsn: Lsn | null;
  /** Last timeline that both are on; null when they share nothing. */
  readonly commonTimeline: number | null;
}

export function relate(node: NodeLog, primary: PrimaryLog): RelationVerdict {
  const mine = node.history.timeline;
  const theirs = primary.history.timeline;
  if (node.systemIdentifier !== primary.systemIdentifier) {
    return { relation: 'foreign', rule: 'other-system', by: ['R52', 'E2'], reason: `Its system identifier is ${node.systemIdentifier}, the primary's is ${primary.systemIdentifier}.`, forkLsn: null, commonTimeline: null };
  }
  const common = commonAncestor(node.history, primary.history);
  if (common === undefined) return { relation: 'foreign', rule: 'no-common-timeline', by: ['E2'], reason: 'The histories share no timeline.', forkLsn: null, commonTimeline: null };
  const { forkLsn, timeline } = common;
  const say = (relation: Relation, rule: string, by: RelationVerdict['by'], reason: string): RelationVerdict => ({ relation, rule, by, reason, forkLsn, commonTimeline: timeline });
  if (mine === theirs && !sameHistory(node.history, primary.history)) {
    return say('same-timeline-other-fork', 'one-number-two-forks', ['HA15', 'E2'], `Both are on timeline ${mine}, but they parted at ${forkLsn} of timeline ${timeline}.`);
  }
  // Up to here their logs are one: the fork, or, on one line, what the primary has written.
  const shared = forkLsn ?? primary.writeLsn;
  if (timeline === mine && !passes(node, shared)) return onLine(node, say, shared);
  if (timeline === mine && forkLsn !== null) return say('ahead', 'wrote-past-the-fork', ['HA37', 'E2'], `Its log ends at ${node.endLsn}, past ${forkLsn}, where timeline ${nextOf(primary.history, timeline)} began.`);
  if (timeline === mine) return say('same-timeline-other-fork', 'past-the-primary', ['HA15', 'E2'], `Its log ends at ${node.endLsn} of timeline ${mine}, which the primary has written up to ${shared} only.`);
  return say('forked', 'timeline-of-its-own', ['HA15', 'HA37', 'E2'], `Its timeline ${mine} is not in the primary's history; they parted at ${forkLsn} of timeline ${timeline}.`);
}

/**
 * Whether the node has log that the primary has not. A clean stop ends with the record that begins at `endLsn`: a fork lies at the end of a record, so one
 * that lies past the beginning of this one has all of it (R50).
 */
const passes = ({ state, endLsn }: NodeLog, shared: Lsn): boolean => (state === 'shut down' ? hasReached(endLsn, shared) : !hasReached(shared, endLsn));

function onLine(node: NodeLog, say: (relation: Relation, rule: string, by: RelationVerdict['by'], reason: string) => RelationVerdict, shared: Lsn): RelationVerdict {
  if (node.state === 'shut down') return say('clean', 'stopped-before-the-fork', ['R50', 'C6', 'E2'], `It was stopped cleanly, and its log up to ${node.endLsn} is the primary's, which goes on to ${shared}.`);
  return say('behind', 'on-the-line', ['E2'], `Its log up to ${node.endLsn} is the primary's, which goes on to ${shared}.`);
}

const nextOf = ({ timeline, ancestors }: TimelineHistory, parent: number): number => ancestors[ancestors.findIndex((entry) => entry.timeline === parent) + 1]?.timeline ?? timeline;
