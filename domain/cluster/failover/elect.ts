/**
 * Which standby becomes primary (D5). Nodes that may not are put aside, each with the rule that did it; among the others the furthest wins, then the
 * higher priority, then the name. The winner must have every commit that was acknowledged, as far as can be known: what the lost primary last
 * reported, and whatever any node of the same line holds. If it does not, it first fetches the rest from one that does.
 */
import type { Citation, Exclusion, RuleResult } from '../citation.ts';
import { hasReached, lsnDistance, type Lsn } from '../../lsn.ts';
import type { NodeDeclaration } from '../node.ts';
import type { AgentReport } from '../node-facts.ts';
import { furthest, positionOf } from '../position.ts';
import { isFresh, type Observation, type Reading } from '../reading.ts';
import type { SynchronousNames } from '../synchronous/names.ts';
import { ackQuorum, type AckQuorum } from '../synchronous/quorum.ts';
import { isOnLine, type TimelineHistory } from '../timeline.ts';
import { exclude } from './eligible.ts';

export interface Candidate {
  readonly declaration: NodeDeclaration;
  /** Taken after its receiver was detached (D4); null when its agent is silent. */
  readonly report: Observation<AgentReport> | null;
  /** Of the timeline it is on; null when it could not be read. */
  readonly history: TimelineHistory | null;
}

/** What is kept of the primary from when it was last heard of. */
export interface LostPrimary {
  readonly name: string;
  readonly systemIdentifier: string;
  readonly major: number;
  readonly history: TimelineHistory;
  /** Where it wrote. */
  readonly writeLsn: Lsn;
  /** Up to where synchronous standbys had confirmed; null when it was asynchronous. */
  readonly acknowledgedLsn: Lsn | null;
  readonly synchronous: SynchronousNames | null;
}

export interface ElectionQuestion {
  readonly lost: LostPrimary;
  readonly candidates: readonly Candidate[];
  /** Bytes of log that may be given up in asynchronous mode; null: no limit (HA34). */
  readonly maxLossBytes: number | null;
  /** The node an operator asked for: no other is considered; null: whoever is best. */
  readonly named: string | null;
  /** An operator's word, for this operation, that commits may be lost (HA33). */
  readonly acceptLoss: boolean;
  readonly freshMs: number;
  readonly now: Reading;
}

export interface Winner {
  readonly node: string;
  readonly positionLsn: Lsn;
  /** To fetch the rest of the log from before it is promoted; null when it has all there is (HA35). */
  readonly fetch: { readonly from: string; readonly toLsn: Lsn } | null;
  /** Log between what the primary last said it had written and what survives: at least what was in flight, at most unknown. */
  readonly lossBytes: number;
  readonly reason: string;
}

export interface Election {
  readonly winner: Winner | null;
  readonly excluded: readonly Exclusion[];
  /** Null in asynchronous mode. */
  readonly quorum: AckQuorum | null;
  /** Why nobody was chosen although somebody might be; null with a winner, or when every node is excluded. */
  readonly blocked: (RuleResult & { readonly override: string }) | null;
}

interface Runner {
  readonly declaration: NodeDeclaration;
  readonly position: Lsn;
}

export function elect(question: ElectionQuestion): Election {
  const { lost, candidates } = question;
  const excluded = candidates.flatMap((candidate) => exclude(candidate, question) ?? []);
  const running = candidates.filter(({ declaration }) => !excluded.some(({ node }) => node === declaration.name));
  const readable = candidates.flatMap((candidate) => holderOf(candidate, question) ?? []);
  const quorum = lost.synchronous === null ? null : ackQuorum(lost.synchronous, standbysOf(question, readable));
  const best = running.flatMap((candidate) => holderOf(candidate, question) ?? []).toSorted(betterFirst)[0];
  if (best === undefined) return { winner: null, excluded, quorum, blocked: null };
  const { winner, blocked } = settle(best, readable, quorum, question);
  return { winner, excluded, quorum, blocked };
}

/**
 * Nodes of the primary's line whose log counts, whether or not they may be promoted. One that wrote on a fork of its own holds nothing we want; one whose
 * receiver is attached may yet acknowledge more (HA2).
 */
function holderOf({ declaration, report, history }: Candidate, { lost, freshMs, now }: ElectionQuestion): Runner | undefined {
  if (report === null || !isFresh(report, now, freshMs) || history === null || declaration.name === lost.name) return undefined;
  const { server, destructiveStep, control } = report.value;
  if ('failed' in server || 'failed' in control || destructiveStep !== null || !server.ok.inRecovery || server.ok.receiver !== null || control.ok.systemIdentifier !== lost.systemIdentifier) return undefined;
  const position = positionOf(server.ok);
  return position !== null && isOnLine(history, position, lost.history) ? { declaration, position } : undefined;
}

const standbysOf = ({ candidates, lost }: ElectionQuestion, readable: readonly Runner[]) =>
  candidates
    .filter(({ declaration }) => declaration.role !== 'witness' && declaration.name !== lost.name)
    .map(({ declaration }) => ({ applicationName: declaration.applicationName, readable: readable.some((runner) => runner.declaration.name === declaration.name) }));

const betterFirst = (left: Runner, right: Runner): number =>
  compareLsn(right.position, left.position) || right.declaration.priority - left.declaration.priority || (left.declaration.name < right.declaration.name ? -1 : 1);

const compareLsn = (left: Lsn, right: Lsn): number => Number(hasReached(left, right)) - Number(hasReached(right, left));

function settle(best: Runner, readable: readonly Runner[], quorum: AckQuorum | null, question: ElectionQuestion): Pick<Election, 'winner' | 'blocked'> {
  const { lost, acceptLoss, maxLossBytes } = question;
  const block = (rule: string, by: readonly Citation[], reason: string): Pick<Election, 'winner' | 'blocked'> => ({ winner: null, blocked: { rule, by, reason, override: 'accept the loss of commits' } });
  if (quorum !== null && !quorum.holds && !acceptLoss) return block('quorum-not-readable', ['HA33', 'D5'], `R + W > N does not hold: ${quorum.readable} of ${quorum.openEnded ? 'nobody knows how many' : quorum.total} standbys can be read, ${quorum.written} had to acknowledge.`);
  const source = readable.toSorted(betterFirst)[0]!;
  const reachable = furthest([best.position, source.position])!;
  if (lost.acknowledgedLsn !== null && !hasReached(reachable, lost.acknowledgedLsn) && !acceptLoss) {
    return block('behind-acknowledged', ['HA33', 'R2'], `${lost.acknowledgedLsn} was acknowledged, and the furthest readable node, ${source.declaration.name}, has ${reachable}.`);
  }
  const lossBytes = lsnDistance(reachable, lost.writeLsn);
  if (quorum === null && maxLossBytes !== null && lossBytes > maxLossBytes && !acceptLoss) return block('loss-over-limit', ['HA34', 'R60'], `${lossBytes} bytes of log would be given up; the limit is ${maxLossBytes}.`);
  const fetch = reachable === best.position ? null : { from: source.declaration.name, toLsn: reachable };
  return { winner: { node: best.declaration.name, positionLsn: best.position, fetch, lossBytes, reason: describe(best, fetch) }, blocked: null };
}

const describe = ({ declaration, position }: Runner, fetch: Winner['fetch']): string =>
  `${declaration.name} is furthest of those that may be promoted, at ${position}${fetch === null ? '' : `; it fetches the log up to ${fetch.toLsn} from ${fetch.from} first`}.`;
