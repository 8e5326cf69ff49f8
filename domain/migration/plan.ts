import type { Scope } from '../copy/scope.ts';

export type NoIdentityChoice = 'full' | 'insert-only' | 'skip';

/** How the application is led to the target. */
export type Route =
  | { readonly kind: 'none' }
  | { readonly kind: 'command'; readonly command: readonly string[]; readonly timeoutMs: number }
  | {
      readonly kind: 'pgbouncer';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      /** A secret reference, resolved by the step that needs it. */
      readonly password?: string | undefined;
      readonly database: string;
      readonly configFile: string;
    };

/** A migration as it was decided when the run began: what the inventory says later does not change a run under way. */
export interface MigrationPlan {
  readonly migration: string;
  /** Inventory names. */
  readonly source: string;
  readonly target: string;
  readonly database: string;
  readonly targetDatabase: string;
  readonly mode: 'online' | 'offline';
  readonly scope: Scope;
  readonly owners: boolean;
  readonly privileges: boolean;
  readonly roles: Readonly<Record<string, string>>;
  readonly noIdentity: Readonly<Record<string, NoIdentityChoice>>;
  /** Tables and indexes worked on at once. */
  readonly lanes: number;
  readonly splitAboveBytes: number;
  /** As Postgres writes it, for example `512MB`. */
  readonly maintenanceWorkMem: string;
  readonly verify: 'full' | 'counts';
  readonly approval: 'required' | 'none';
  readonly commit: 'required' | 'automatic';
  readonly cutover: {
    readonly budgetMs: number;
    readonly attempts: number;
    readonly maxLagBytes: number;
    readonly route: Route;
  };
}
