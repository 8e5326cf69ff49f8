/** The rules that keep a standby from being promoted after the primary is lost (D5), in the order in which they are looked at. */
import type { Citation, Exclusion } from '../citation.ts';
import type { ServerState } from '../node-facts.ts';
import { positionOf } from '../position.ts';
import { isFresh } from '../reading.ts';
import { settingNumber } from '../../preflight/server-facts.ts';
import { isOnLine } from '../timeline.ts';
import type { Candidate, ElectionQuestion } from './elect.ts';

/** From this major on a promotion ends a pause of replay; before, it waits for ever (HA27). */
const PROMOTION_ENDS_PAUSE = 13;

/** From this major on a server is promoted by a statement. */
const PROMOTES_BY_SQL = 12;

/** The override of what an operator may want all the same, by asking for this node. */
const NAMED = 'name the node';

interface EligibilityRule {
  readonly rule: string;
  readonly by: readonly Citation[];
  /** What lets the node in all the same; null when nothing does. */
  readonly override: string | null;
  /** The reason, when the rule fits. */
  readonly excludes: (candidate: Candidate, question: ElectionQuestion) => string | undefined;
}

/** The first rule that takes the node out; undefined when it may be promoted. */
export function exclude(candidate: Candidate, question: ElectionQuestion): Exclusion | undefined {
  const node = candidate.declaration.name;
  for (const { rule, by, override, excludes } of [...DECLARED, ...REPORTED]) {
    if (override === NAMED && question.named === node) continue;
    const reason = excludes(candidate, question);
    if (reason !== undefined) return { node, rule, by, reason, override };
  }
  return undefined;
}

const DECLARED: readonly EligibilityRule[] = [
  { rule: 'lost-primary', by: ['D5'], override: null, excludes: ({ declaration }, { lost }) => (declaration.name === lost.name ? 'It is the primary that was lost.' : undefined) },
  { rule: 'witness', by: ['HA10'], override: null, excludes: ({ declaration }) => (declaration.role === 'witness' ? 'A witness holds no data.' : undefined) },
  { rule: 'not-named', by: ['D5'], override: NAMED, excludes: ({ declaration }, { named }) => (named !== null && declaration.name !== named ? `${named} was asked for.` : undefined) },
  { rule: 'priority-zero', by: ['R55'], override: NAMED, excludes: ({ declaration }) => (declaration.priority === 0 ? 'Its priority is 0.' : undefined) },
  { rule: 'delayed', by: ['HA28'], override: NAMED, excludes: ({ declaration }) => (declaration.applyDelayMs > 0 ? 'It is kept behind on purpose; a promotion would apply everything at once.' : undefined) },
  {
    rule: 'no-fresh-report', by: ['D5', 'HA62'], override: null,
    excludes: ({ report }, { now, freshMs }) => (report === null || !isFresh(report, now, freshMs) ? 'Its agent has not reported since the receivers were detached.' : undefined),
  },
];

/** A rule over what the server said; a server that could not be asked is not promoted. */
const overServer = (decide: (server: ServerState, candidate: Candidate, question: ElectionQuestion) => string | undefined): EligibilityRule['excludes'] => (candidate, question) => {
  const server = candidate.report!.value.server;
  return 'failed' in server ? `Its server did not answer: ${server.failed.message}.` : decide(server.ok, candidate, question);
};

const REPORTED: readonly EligibilityRule[] = [
  {
    rule: 'destructive-step-pending', by: ['HA21', 'D5'], override: null,
    excludes: ({ report }) => (report!.value.destructiveStep === null ? undefined : `${report!.value.destructiveStep} began to rewrite its data directory and did not end.`),
  },
  { rule: 'foreign-system', by: ['E2'], override: null, excludes: ({ report }, { lost }) => {
    const { control } = report!.value;
    if ('failed' in control) return `Its pg_control could not be read: ${control.failed.message}.`;
    return control.ok.systemIdentifier === lost.systemIdentifier ? undefined : `Its system identifier is ${control.ok.systemIdentifier}, the primary's was ${lost.systemIdentifier}.`;
  } },
  { rule: 'not-in-recovery', by: ['R71', 'HA15'], override: null, excludes: overServer(({ inRecovery }) => (inRecovery ? undefined : 'It is writable already: somebody promoted it.')) },
  { rule: 'other-major', by: ['R40'], override: null, excludes: overServer(({ major }, _, { lost }) => (major === lost.major ? undefined : `It runs ${major}, the primary ran ${lost.major}.`)) },
  { rule: 'too-old-to-promote', by: ['R40', 'D6'], override: null, excludes: overServer(({ major }) => (major >= PROMOTES_BY_SQL ? undefined : `Servers of ${major} are not promoted by a statement; promote it by hand.`)) },
  {
    rule: 'receiver-attached', by: ['HA2', 'D4'], override: null,
    excludes: overServer(({ receiver }) => (receiver === null ? undefined : `It still receives from ${receiver.senderHost}:${receiver.senderPort}; its position can change after the vote.`)),
  },
  { rule: 'replay-paused', by: ['HA27'], override: 'resume replay', excludes: overServer(({ replayPaused, major }) => (replayPaused && major < PROMOTION_ENDS_PAUSE ? 'Replay is paused, and this major never promotes then.' : undefined)) },
  {
    rule: 'delayed', by: ['HA28'], override: NAMED,
    excludes: overServer(({ settings }) => ((settingNumber(settings, 'recovery_min_apply_delay') ?? 0) > 0 ? 'It applies with a delay; a promotion would apply everything at once.' : undefined)),
  },
  {
    rule: 'forked', by: ['HA15', 'HA37', 'D5'], override: null,
    excludes: overServer((server, { history }, { lost }) => {
      const position = positionOf(server);
      if (history === null || position === null) return 'Its timeline or position could not be read.';
      return isOnLine(history, position, lost.history) ? undefined : `It is at ${position} of timeline ${history.timeline}, which is not on the line of the primary's timeline ${lost.history.timeline}.`;
    }),
  },
];
