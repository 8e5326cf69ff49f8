/**
 * Where a rule comes from, so that a verdict can be looked up: `R49` is a requirement, `HA8` a failure mode of clusters, and `C5` step 5 of the
 * step list for planned switchover (A clone, B register, C switchover, D failover, E rejoin, F follow, G watcher, H drill).
 */
export type Citation = `R${number}` | `HA${number}` | `${'A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'G' | 'H'}${number}`;

/** One rule that was looked at, and what it said. */
export interface RuleResult {
  /** Stable: scripts, runbooks and the audit refer to it. */
  readonly rule: string;
  readonly by: readonly Citation[];
  /** One sentence with numbers and names. */
  readonly reason: string;
}

/** A candidate that a rule took out, and what an operator may do about it. */
export interface Exclusion extends RuleResult {
  readonly node: string;
  /** What lets this node back in; null: nothing does, it would break data. */
  readonly override: string | null;
}
