import type { Fact } from './fact.ts';
import type { IdentityChoices } from './identity.ts';
import type { PoolerFacts } from './pooler-facts.ts';
import type { SourceFacts } from './source-facts.ts';
import type { TargetFacts } from './target-facts.ts';

export const MIGRATION_MODES = ['online', 'offline'] as const;
export type MigrationMode = (typeof MIGRATION_MODES)[number];

/** What the migration wants, as far as rules look at it. */
export interface PreflightRequest {
  readonly mode: MigrationMode;
  readonly source: { readonly server: string; readonly database: string; readonly maintenanceDatabase: string; readonly provider: string };
  readonly target: { readonly server: string; readonly database: string; readonly provider: string };
  readonly noIdentity: IdentityChoices;
  readonly owners: boolean;
  readonly privileges: boolean;
  /** Role on the source: role on the target. */
  readonly roles: Readonly<Record<string, string>>;
  /** Copy connections on each side. */
  readonly lanes: number;
  /** Milliseconds that a cutover may take. */
  readonly cutoverBudgetMs: number;
  /** Major of pg_dump and pg_restore; undefined when none was found. */
  readonly clientMajor: number | undefined;
}

/** How the target's own attempt to dial the source ended. */
export type Reach =
  | { readonly outcome: 'reached'; readonly address: string; readonly seconds: number }
  | { readonly outcome: 'refused'; readonly address: string; readonly reason: string };

export interface LinkFacts {
  /** Of an empty question, the median of several. */
  readonly roundTripSeconds: number;
  readonly bytesPerSecond: number;
}

export interface PathFacts extends PoolerFacts {
  readonly targetReachesSource: Fact<Reach>;
  readonly source: Fact<LinkFacts>;
  readonly target: Fact<LinkFacts>;
}

export interface PreflightFacts {
  readonly request: PreflightRequest;
  readonly source: SourceFacts;
  readonly target: TargetFacts;
  readonly path: PathFacts;
}
