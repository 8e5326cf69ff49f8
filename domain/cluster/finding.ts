import type { Severity } from '../preflight/rule.ts';
import type { RuleResult } from './citation.ts';

/** One thing that is wrong with a cluster as it runs, as `cluster show` lists it (R49). */
export interface Finding extends RuleResult {
  readonly severity: Severity;
  /** The node it is about; null for the cluster. */
  readonly node: string | null;
  /** The next thing to type or look at. */
  readonly remedy: string;
}
