import type { Fact } from '../../preflight/fact.ts';
import { whenKnown, type Outcome, type Severity } from '../../preflight/rule.ts';
import type { Citation } from '../citation.ts';
import type { AgentReport, ServerState } from '../node-facts.ts';
import { isFresh, type Observation } from '../reading.ts';
import type { SwitchoverFacts } from './facts.ts';

/** One thing that is looked at before a planned switchover (C2). */
export interface SwitchoverCheck {
  readonly id: string;
  readonly title: string;
  /** Of a problem. What could not be looked at stops the switchover when the check is blocking: the window is no time to find out. */
  readonly severity: Severity;
  readonly by: readonly Citation[];
  readonly decide: (facts: SwitchoverFacts) => Outcome;
}

/** What an agent said lately, as a fact. */
export const reportFact = (report: Observation<AgentReport>, { now, limits }: Pick<SwitchoverFacts, 'now' | 'limits'>): Fact<AgentReport> =>
  isFresh(report, now, limits.freshMs) ? { ok: report.value } : { failed: { code: 'server_unreachable', message: `the agent of ${report.observer} has not reported lately` } };

/** What a server said lately, as a fact. */
export function serverFact(report: Observation<AgentReport>, facts: Pick<SwitchoverFacts, 'now' | 'limits'>): Fact<ServerState> {
  const fresh = reportFact(report, facts);
  return 'failed' in fresh ? fresh : fresh.ok.server;
}

/** Decides over the two servers when both answered. */
export const overBoth = (decide: (primary: ServerState, candidate: ServerState, facts: SwitchoverFacts) => Outcome) => (facts: SwitchoverFacts): Outcome =>
  whenKnown([serverFact(facts.primary.report, facts), serverFact(facts.candidate.report, facts)], (primary, candidate) => decide(primary, candidate, facts));

