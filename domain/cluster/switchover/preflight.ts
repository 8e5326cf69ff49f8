import type { Outcome, Severity } from '../../preflight/rule.ts';
import type { Citation } from '../citation.ts';
import type { SwitchoverCheck } from './check.ts';
import { candidateChecks } from './checks/candidate-checks.ts';
import { primaryChecks } from './checks/primary-checks.ts';
import { wayChecks } from './checks/way-checks.ts';
import { predictDowntime, type Downtime } from './downtime.ts';
import type { SwitchoverFacts } from './facts.ts';

export const SWITCHOVER_CHECKS: readonly SwitchoverCheck[] = [...candidateChecks, ...primaryChecks, ...wayChecks];

export interface CheckReport extends Outcome {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly by: readonly Citation[];
}

export interface SwitchoverPreflight {
  readonly checks: readonly CheckReport[];
  /** No blocking check found a problem, and none was left in the dark. */
  readonly canProceed: boolean;
  readonly downtime: Downtime;
}

/** Runs every check, whatever the first ones find (C2); the same for a dry run and for the run itself. */
export function judgeSwitchover(facts: SwitchoverFacts): SwitchoverPreflight {
  const checks = SWITCHOVER_CHECKS.map(({ id, title, severity, by, decide }): CheckReport => ({ id, title, severity, by, ...decide(facts) }));
  return { checks, canProceed: checks.every(({ state, severity }) => state === 'ok' || severity !== 'blocking'), downtime: predictDowntime(facts) };
}
