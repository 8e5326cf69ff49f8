/**
 * What has happened to a primary, from the words of at least two vantage points. The rules are looked at in order and the first that fits decides; what
 * does not fit any is not a death. A word of life that was not taken back by the same observer stands, however old it is: silence says nothing.
 */
import type { RuleResult } from '../citation.ts';
import type { AgentReport } from '../node-facts.ts';
import { isFresh, type Observation } from '../reading.ts';
import { isMajority, machinesOf, wordsOf, type View, type Word } from './vantage.ts';

export const FAILURE_CLASSES = ['serving', 'undetermined', 'observers-cut-off', 'partition', 'not-death', 'postmaster-dead', 'frozen', 'host-unreachable'] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** The classes in which the primary does not serve anybody; only these may lead to a failover. */
export const DEATHS: readonly FailureClass[] = ['postmaster-dead', 'frozen', 'host-unreachable'];

export interface Classification extends RuleResult {
  readonly class: FailureClass;
}

/** A view of the primary, with what its own agent says last; null when it never said anything. */
export interface PrimaryView extends View {
  readonly agent: Observation<Pick<AgentReport, 'process'>> | null;
}

interface Evidence {
  /** Machines with vantage points that count. */
  readonly counted: number;
  readonly words: readonly Word[];
  readonly fresh: readonly Word[];
  readonly seen: readonly Word[];
  readonly troubled: readonly Word[];
  readonly lost: readonly Word[];
  /** The agent's word when it is fresh. */
  readonly agent: AgentReport['process'] | null;
}

interface ClassRule {
  readonly class: FailureClass;
  readonly rule: string;
  readonly by: RuleResult['by'];
  readonly fits: (evidence: Evidence) => boolean;
  readonly reason: (evidence: Evidence) => string;
}

const names = (words: readonly Word[]): string => words.map(({ observer, fresh }) => (fresh ? observer : `${observer} (stale)`)).join(', ') || 'nobody';

const RULES: readonly ClassRule[] = [
  {
    class: 'undetermined', rule: 'one-vantage-point', by: ['HA9', 'G1'],
    fits: ({ counted, fresh }) => counted < 2 || machinesOf(fresh) < 2,
    reason: ({ counted, fresh }) => `Vantage points on ${machinesOf(fresh)} of ${counted} machines have spoken lately; two are needed.`,
  },
  {
    class: 'serving', rule: 'seen-by-all', by: ['G1'],
    fits: ({ seen, lost, troubled }) => seen.length > 0 && lost.length === 0 && troubled.length === 0,
    reason: ({ seen }) => `Seen by ${names(seen)}.`,
  },
  {
    class: 'observers-cut-off', rule: 'losers-reach-nobody', by: ['HA10', 'G4'],
    fits: ({ lost, counted, words }) => lost.length > 0 && !lost.some((loser) => isMajority(machinesOf(words.filter(({ observer }) => observer === loser.observer || loser.sighting?.reaches.includes(observer))), counted)),
    reason: ({ lost }) => `${names(lost)} lost the primary, but reach no majority of the vantage points either.`,
  },
  {
    class: 'partition', rule: 'somebody-sees-it', by: ['HA8', 'G4'],
    fits: ({ seen, lost }) => seen.length > 0 && lost.length > 0,
    reason: ({ seen, lost }) => `Lost by ${names(lost)}, but the last word of ${names(seen)} is that it was there.`,
  },
  {
    class: 'not-death', rule: 'alive-but-troubled', by: ['HA13', 'G2'],
    fits: ({ troubled }) => troubled.length > 0,
    reason: ({ troubled }) => `It lives: ${troubled.map(({ observer, sighting }) => `${observer} was told ${sighting?.answer}`).join(', ')}.`,
  },
  {
    class: 'partition', rule: 'agent-sees-it-run', by: ['HA8', 'HA1'],
    fits: ({ lost, agent }) => agent?.postmaster === 'running' && lost.some(({ sighting }) => sighting?.answer !== 'timed-out'),
    reason: ({ lost }) => `Its agent sees it run, and ${names(lost)} cannot reach it.`,
  },
  {
    class: 'undetermined', rule: 'no-majority-lost-it', by: ['HA9', 'G5'],
    fits: ({ lost, counted }) => !isMajority(machinesOf(lost.filter(({ fresh }) => fresh)), counted),
    reason: ({ lost, counted }) => `Lost lately by vantage points on ${machinesOf(lost.filter(({ fresh }) => fresh))} of ${counted} machines; more than half are needed.`,
  },
  {
    class: 'postmaster-dead', rule: 'agent-says-dead', by: ['G2', 'HA4'],
    fits: ({ agent }) => agent?.postmaster === 'gone' || agent?.postmaster === 'zombie',
    reason: ({ agent, lost }) => `Its agent says the postmaster is ${agent?.postmaster}, with ${agent?.children} processes left, and ${names(lost)} cannot reach it.`,
  },
  {
    class: 'frozen', rule: 'no-answer-from-a-living-process', by: ['G2'],
    fits: ({ agent }) => agent?.postmaster === 'frozen' || agent?.postmaster === 'running',
    reason: ({ agent, lost }) => `Its agent says the postmaster is ${agent?.postmaster}, and ${names(lost)} wait for an answer in vain.`,
  },
  {
    class: 'postmaster-dead', rule: 'refused-everywhere', by: ['G2', 'R18'],
    fits: ({ lost }) => lost.filter(({ fresh }) => fresh).every(({ sighting }) => sighting?.answer === 'refused'),
    reason: ({ lost }) => `Its host refuses ${names(lost)}, and its agent is silent.`,
  },
  {
    class: 'host-unreachable', rule: 'lost-by-most', by: ['G4', 'R18'],
    fits: () => true,
    reason: ({ lost }) => `Neither its agent nor ${names(lost)} reach it.`,
  },
];

/** The class of what the view shows, with the rule that said so. */
export function classify(view: PrimaryView): Classification {
  const evidence = gather(view);
  const found = RULES.find(({ fits }) => fits(evidence))!;
  return { class: found.class, rule: found.rule, by: found.by, reason: found.reason(evidence) };
}

function gather(view: PrimaryView): Evidence {
  const words = wordsOf(view);
  const said = (wanted: Word['impression']): readonly Word[] => words.filter(({ impression }) => impression === wanted);
  const agent = view.agent !== null && isFresh(view.agent, view.now, view.limits.freshMs) ? view.agent.value.process : null;
  return { counted: machinesOf(words), words, fresh: words.filter(({ fresh }) => fresh), seen: said('seen'), troubled: said('troubled'), lost: said('lost'), agent };
}
