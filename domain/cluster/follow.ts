/** Whether a running standby may be pointed at another node by changing `primary_conninfo` (step list F). */
import type { RuleResult } from './citation.ts';
import { hasReached, type Lsn } from '../lsn.ts';
import { commonAncestor, type TimelineHistory } from './timeline.ts';

export interface FollowFacts {
  readonly node: { readonly name: string; readonly systemIdentifier: string; readonly history: TimelineHistory; readonly positionLsn: Lsn; readonly destructiveStep: string | null; readonly upstream: string | null; readonly streaming: boolean };
  readonly target: {
    readonly name: string;
    readonly systemIdentifier: string;
    readonly history: TimelineHistory;
    /** Where it writes, or has received and replayed. */
    readonly positionLsn: Lsn;
    /** Its own upstreams, nearest first; empty for a primary. */
    readonly upstreams: readonly string[];
    /** Whether the slot that the node is to use is there. */
    readonly slotReady: boolean;
  };
}

export const FOLLOW_ACTIONS = ['repoint', 'nothing-to-do', 'rejoin', 'refuse'] as const;
export type FollowAction = (typeof FOLLOW_ACTIONS)[number];

export interface FollowVerdict extends RuleResult {
  readonly action: FollowAction;
}

export function judgeFollow({ node, target }: FollowFacts): FollowVerdict {
  const say = (action: FollowAction, rule: string, by: FollowVerdict['by'], reason: string): FollowVerdict => ({ action, rule, by, reason });
  if (node.name === target.name || target.upstreams.includes(node.name)) return say('refuse', 'would-loop', ['HA39', 'HA35'], `${target.name} gets its log from ${node.name}.`);
  if (node.destructiveStep !== null) return say('refuse', 'destructive-step-pending', ['HA21'], `${node.destructiveStep} began to rewrite its data directory and did not end.`);
  if (node.systemIdentifier !== target.systemIdentifier) return say('rejoin', 'other-system', ['F3', 'E2'], `Its system identifier is ${node.systemIdentifier}, that of ${target.name} is ${target.systemIdentifier}.`);
  const common = commonAncestor(node.history, target.history);
  if (common === undefined || common.timeline !== node.history.timeline || (common.forkLsn !== null && !hasReached(common.forkLsn, node.positionLsn))) {
    return say('rejoin', 'forked-before-its-position', ['F1', 'F3', 'HA37', 'R88'], `It is at ${node.positionLsn} of timeline ${node.history.timeline}; ${target.name} is not on that line.`);
  }
  // On one timeline there is no fork to be past, but a standby that has more than its new upstream asks for log that is not there (HA37).
  if (common.forkLsn === null && !hasReached(target.positionLsn, node.positionLsn)) return say('refuse', 'ahead-of-target', ['HA37'], `It is at ${node.positionLsn}, and ${target.name} only at ${target.positionLsn}.`);
  if (node.upstream === target.name && node.streaming) return say('nothing-to-do', 'already-following', ['F2'], `It streams from ${target.name}.`);
  if (!target.slotReady) return say('refuse', 'slot-missing', ['F1'], `${target.name} has no slot for it.`);
  return say('repoint', 'on-the-line', ['F1', 'F2'], `It is at ${node.positionLsn}, which ${target.name} has too.`);
}
