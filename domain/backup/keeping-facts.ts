import type { Fact } from '../preflight/fact.ts';

/** What a store does with objects by itself, as far as those who use it may ask. A folder of a file system does nothing. */
export interface KeepingFacts {
  readonly kind: 'directory' | 'azure-blob';
  /** For the remedies: names, no secrets. */
  readonly account: string;
  readonly container: string;
  /** Of every object in it: empty, or ends with `/`. */
  readonly prefix: string;
  /** A time-based immutability policy, or a legal hold, on the container. */
  readonly locked: Fact<{ readonly immutabilityPolicy: boolean; readonly legalHold: boolean }>;
  /** Days for which deleted objects can be brought back; null: not at all. */
  readonly softDeleteDays: Fact<number | null>;
  /** Whether objects have versions: a deleted one stays as a version. */
  readonly versions: Fact<boolean>;
  /** Objects of backups by access tier, and one of those that have to be brought back before they can be read. */
  readonly tiers: Fact<{ readonly archived: number; readonly firstArchived: string | null; readonly others: readonly string[] }>;
}
