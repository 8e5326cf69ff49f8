/** How a node comes back as a standby (step list E): start it, rewind it, clone it anew, or wait for something first. */
import type { Citation, RuleResult } from '../citation.ts';
import { hasReached, type Lsn } from '../../lsn.ts';
import type { ControlFacts } from '../node-facts.ts';
import { relate, type NodeLog, type PrimaryLog, type RelationVerdict } from './relation.ts';

export interface RejoinFacts {
  readonly node: NodeLog & Pick<ControlFacts, 'walLogHints' | 'dataChecksums' | 'fullPageWrites'> & {
    readonly major: number;
    readonly processesLeft: number;
    readonly destructiveStep: string | null;
    /** The journal holds that the program of that step ended well: what is left of it is to start the node. */
    readonly rewriteEnded: boolean;
    /** pg_control is there and whole; without it nothing is known of the node, and what the other facts say is made up (HA21). */
    readonly controlReadable: boolean;
    /** First position of the oldest segment that is still in pg_wal. */
    readonly oldestWalLsn: Lsn;
    /** Redo of the last checkpoint before the fork: a rewind reads from there. */
    readonly lastCommonRedoLsn: Lsn;
    /** Whether the archive gives back the segments between; null when nobody could look. */
    readonly archiveHasRest: boolean | null;
    /** Segments that are not archived yet, maybe the only copy of what will be rewound (HA20). */
    readonly readyFiles: number;
  };
  readonly primary: PrimaryLog & {
    readonly inRecovery: boolean;
    /** Of its pg_control; behind its real one until the first checkpoint after the promotion (HA14). */
    readonly controlTimeline: number;
  };
  /** The operation that asks; what it began itself it may finish. */
  readonly operation: string;
}

export const REJOIN_ACTIONS = ['start', 'rewind', 'clone', 'wait'] as const;
export type RejoinAction = (typeof REJOIN_ACTIONS)[number];

export interface RejoinVerdict extends RuleResult {
  readonly action: RejoinAction;
  readonly relation: RelationVerdict;
  /** What keeps a rewind from being possible; empty when it is, or is not needed. */
  readonly rewindExcludedBy: readonly RuleResult[];
  /** Segments are to be fetched with `--restore-target-wal` (HA19). */
  readonly fetchWal: boolean;
  /** To be archived before anything is rewound or moved. */
  readonly archiveFirst: boolean;
}

export function judgeRejoin(facts: RejoinFacts): RejoinVerdict {
  const relation = relate(facts.node, facts.primary);
  const obstacles = relation.relation === 'ahead' || relation.relation === 'forked' ? rewindObstacles(facts) : [];
  const base = { relation, rewindExcludedBy: obstacles, fetchWal: false, archiveFirst: facts.node.readyFiles > 0 };
  const wait = waitFor(facts);
  if (wait !== undefined) return { ...base, action: 'wait', ...wait };
  const { rule, by, reason } = relation;
  // What a broken rewind has half overwritten is on no line, whatever its pg_control says. https://www.postgresql.org/docs/current/app-pgrewind.html, Warnings
  const broken = interrupted(facts);
  if (broken !== undefined) return { ...base, action: 'clone', ...broken };
  if (!facts.node.controlReadable) return { ...base, action: 'clone', ...result('control-unreadable', ['HA21', 'E2'], 'Its pg_control is missing or damaged.') };
  switch (relation.relation) {
    case 'clean':
    case 'behind':
      return { ...base, action: 'start', rule, by, reason };
    case 'ahead':
    case 'forked':
      if (obstacles.length > 0) return { ...base, action: 'clone', rule: obstacles[0]!.rule, by: obstacles[0]!.by, reason: obstacles.map((one) => one.reason).join(' ') };
      return { ...base, action: 'rewind', rule, by, reason, fetchWal: !walIsThere(facts) };
    case 'same-timeline-other-fork':
    case 'foreign':
      return { ...base, action: 'clone', rule, by, reason };
  }
}

const result = (rule: string, by: readonly Citation[], reason: string): RuleResult => ({ rule, by, reason });

function waitFor({ node, primary, operation }: RejoinFacts): RuleResult | undefined {
  if (node.destructiveStep !== null && node.destructiveStep !== operation) return result('other-destructive-step', ['HA21', 'HA59'], `${node.destructiveStep} works on its data directory.`);
  if (node.processesLeft > 0) return result('still-running', ['E1', 'HA16'], `${node.processesLeft} processes of it are left.`);
  if (primary.inRecovery) return result('source-in-recovery', ['E4', 'R72'], 'The primary to join is in recovery.');
  if (primary.controlTimeline !== primary.history.timeline) {
    return result('source-not-checkpointed', ['HA14', 'E4'], `The pg_control of the primary is still on timeline ${primary.controlTimeline}, not ${primary.history.timeline}; it needs a CHECKPOINT.`);
  }
  return undefined;
}

const interrupted = ({ node }: RejoinFacts): RuleResult | undefined =>
  node.destructiveStep === null || node.rewriteEnded ? undefined : result('rewind-interrupted', ['HA21', 'E5'], `${node.destructiveStep} began to rewrite its data directory and did not end.`);

const walIsThere = ({ node }: RejoinFacts): boolean => hasReached(node.lastCommonRedoLsn, node.oldestWalLsn);

/** From this major on pg_rewind recovers an unclean target itself, and can fetch its log from the archive (HA16, HA19). */
const REWIND_HELPS_ITSELF = 13;

function rewindObstacles(facts: RejoinFacts): readonly RuleResult[] {
  const { node } = facts;
  const clean = node.state === 'shut down' || node.state === 'shut down in recovery';
  return [
    !node.walLogHints && !node.dataChecksums && result('no-hints-no-checksums', ['HA18', 'R52'], 'It has neither wal_log_hints nor data checksums.'),
    !node.fullPageWrites && result('no-full-page-writes', ['HA18', 'R72'], 'It ran with full_page_writes off.'),
    !clean && node.major < REWIND_HELPS_ITSELF && result('unclean-stop', ['HA16', 'R53'], `It was not stopped cleanly (${node.state}), and before ${REWIND_HELPS_ITSELF} it has to be started and stopped first.`),
    !walIsThere(facts) && !(node.major >= REWIND_HELPS_ITSELF && node.archiveHasRest === true) &&
      result('wal-gone', ['HA19', 'R72'], `The log since ${node.lastCommonRedoLsn} is needed; pg_wal begins at ${node.oldestWalLsn}, and ${node.archiveHasRest === null ? 'the archive could not be looked at' : 'the rest is not to be had from an archive'}.`),
  ].filter((one) => one !== false);
}
