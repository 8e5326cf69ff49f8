import type { ErrorReport } from '../errors.ts';
import { listNames, type Fact, type Names } from './fact.ts';
import type { MigrationMode, PreflightFacts } from './facts.ts';

export const SEVERITIES = ['blocking', 'warning', 'information'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const SUBJECTS = ['source-server', 'source-objects', 'target-server', 'target-objects', 'path'] as const;
export type Subject = (typeof SUBJECTS)[number];

export interface Outcome {
  readonly state: 'ok' | 'problem' | 'could-not-look';
  /** One sentence with numbers and names. */
  readonly evidence: string;
  /** The SQL or setting that helps; only with a problem, or with what a person has to look at. */
  readonly remedy?: string;
}

/** One thing that can be wrong before a migration. */
export interface Rule {
  /** Stable: scripts and runbooks refer to it. */
  readonly id: string;
  readonly title: string;
  /** What a problem means: it stops the migration, it should be read before starting, it is good to know. */
  readonly severity: Severity;
  readonly modes: readonly MigrationMode[];
  /** Failure modes it answers, for example `F39`; empty where it guards the ground itself. */
  readonly answers: readonly `F${number}`[];
  readonly decide: (facts: PreflightFacts) => Outcome;
}

export const BOTH = ['online', 'offline'] as const;
export const ONLINE = ['online'] as const;
export const OFFLINE = ['offline'] as const;

export const ok = (evidence: string): Outcome => ({ state: 'ok', evidence });
export const problem = (evidence: string, remedy: string): Outcome => ({ state: 'problem', evidence, remedy });

/** Not known, and why. */
export const unknown = (reason: string, remedy?: string): Outcome => ({
  state: 'could-not-look',
  evidence: reason,
  ...(remedy === undefined ? {} : { remedy }),
});

/** An error as the reason why nothing is known. */
export const blind = (report: ErrorReport): Outcome => unknown(`${sentence(report.message)}${report.detail ? ` ${sentence(report.detail)}` : ''}`, report.hint);

type Known<T> = { [K in keyof T]: T[K] extends Fact<infer V> ? V : never };

/** Decides from facts that are all known; the first that is not makes the rule say so. */
export function whenKnown<const T extends readonly Fact<unknown>[]>(facts: T, decide: (...values: Known<T>) => Outcome): Outcome {
  const values: unknown[] = [];
  for (const fact of facts) {
    if ('failed' in fact) return blind(fact.failed);
    values.push(fact.ok);
  }
  return decide(...(values as Known<T>));
}

/** ok when there are none; else the names follow what they are, and the remedy stands beside. */
export const whenNone = (names: Names, words: { readonly none: string; readonly some: string; readonly remedy: string }): Outcome =>
  names.count === 0 ? ok(words.none) : problem(`${words.some}: ${listNames(names)}.`, words.remedy);

/** A message of ours, which starts small and has no full stop, as a sentence. */
export function sentence(text: string): string {
  const trimmed = text.trim().replace(/\.$/, '');
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}.`;
}
