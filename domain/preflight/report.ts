import type { PreflightFacts } from './facts.ts';
import { SUBJECTS, type Outcome, type Rule, type Severity, type Subject } from './rule.ts';
import { RULES } from './rules.ts';

/** One rule with what it found, flat for `--json`. */
export interface RuleReport extends Outcome {
  readonly id: string;
  readonly subject: Subject;
  readonly title: string;
  readonly severity: Severity;
  readonly answers: readonly string[];
}

export interface PreflightReport {
  readonly rules: readonly RuleReport[];
  /** Problems by severity. */
  readonly blocking: number;
  readonly warnings: number;
  readonly information: number;
  readonly couldNotLook: number;
  /** No blocking problem. What could not be looked at does not stop, but is counted and shown. */
  readonly canProceed: boolean;
}

/** Runs every rule of the migration's mode. All run, whatever the first ones find: an operator wants the whole list at once. */
export function judge(facts: PreflightFacts): PreflightReport {
  const rules = SUBJECTS.flatMap((subject) =>
    RULES[subject].filter((rule) => rule.modes.includes(facts.request.mode)).map((rule) => reportOn(rule, subject, facts)),
  );
  const problems = (severity: Severity): number => rules.filter((rule) => rule.state === 'problem' && rule.severity === severity).length;
  const blocking = problems('blocking');
  return {
    rules,
    blocking,
    warnings: problems('warning'),
    information: problems('information'),
    couldNotLook: rules.filter((rule) => rule.state === 'could-not-look').length,
    canProceed: blocking === 0,
  };
}

function reportOn({ id, title, severity, answers, decide }: Rule, subject: Subject, facts: PreflightFacts): RuleReport {
  return { id, subject, title, severity, answers, ...decide(facts) };
}
