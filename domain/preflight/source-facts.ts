import type { Fact, Names } from './fact.ts';
import type { TableIdentity } from './identity.ts';
import type { ConnectionFacts, DatabaseFacts, EndpointProof, RoleFacts, ServerFacts, Settings } from './server-facts.ts';

/** A transaction that others have to wait for. */
export interface Blocker {
  /** 0 for a prepared transaction, which has no process. */
  readonly pid: number;
  readonly user: string;
  readonly ageSeconds: number;
  /** The beginning of the statement, or the name of the prepared transaction. */
  readonly query: string;
}

/** How the trial of a logical slot ended. Nothing of it remains. */
export type TrialSlot =
  | { readonly outcome: 'created'; readonly waitedSeconds: number }
  | { readonly outcome: 'waited'; readonly waitedSeconds: number; readonly blockers: readonly Blocker[] }
  | { readonly outcome: 'refused'; readonly reason: string };

export interface SlotFacts {
  readonly used: number;
  readonly walsenders: number;
  /** `name (3.2 GB of WAL held)` of slots nobody reads. */
  readonly idle: Names;
}

/** What our role may not do with objects in scope. */
export interface SourceRights {
  readonly unreadableTables: Names;
  readonly unreadableSequences: Names;
  readonly unreadableLargeObjects: number;
  readonly rowSecurity: Names;
  readonly notOwnedTables: Names;
}

/** Objects in scope that take a decision, a remedy or a word. */
export interface SourceObjects {
  readonly tables: number;
  readonly relations: number;
  readonly unlogged: Names;
  /** Of all unlogged tables in scope. */
  readonly unloggedBytes: number;
  readonly generatedColumns: Names;
  readonly identityAlways: Names;
  readonly partitioned: Names;
  /** Foreign keys of partitioned tables. */
  readonly partitionedKeys: Names;
  readonly inherited: Names;
  readonly clashingNames: Names;
  readonly foreignTables: Names;
  readonly userMappings: Names;
  readonly largeObjects: number;
  readonly firingTriggers: Names;
  readonly invalidIndexes: Names;
  readonly notValidConstraints: Names;
  readonly materializedViews: Names;
  readonly sequences: number;
}

/** `setting` is `name=value`; `role` is null when it holds for all. */
export interface DatabaseSetting {
  readonly role: string | null;
  readonly setting: string;
}

/** Objects of the database around its tables. */
export interface SourceCatalog {
  readonly extensions: readonly { readonly name: string; readonly version: string }[];
  /** `schema.name` of collations that columns, domains or indexes use, the built-in ones excepted. */
  readonly collations: readonly string[];
  readonly customObjects: Names;
  readonly tablespaces: Names;
  readonly securityLabels: Names;
  readonly searchPathFunctions: Names;
  readonly accessMethods: Names;
  readonly eventTriggers: Names;
  readonly untrustedFunctions: Names;
  readonly publishAll: Names;
  readonly subscriptions: Names;
  /** Roles that own something, and roles that were granted something or are named by a policy, in scope. */
  readonly owners: readonly string[];
  readonly grantees: readonly string[];
  /** Roles that have granted something on what is not theirs, and roles with default privileges of their own. */
  readonly grantors: readonly string[];
  readonly defaultGrantors: readonly string[];
  /** Objects that only a superuser can own. */
  readonly ownedBySuperusers: readonly { readonly name: string; readonly owner: string }[];
  /** Columns in scope whose values are names of roles (regrole, aclitem). */
  readonly roleColumns: Names;
  /** Tables of extensions in which users keep rows (pg_extension.extconfig), as far as there are some. */
  readonly extensionRows: Names;
  /** What ALTER DATABASE … SET says, for all roles or for one. */
  readonly databaseSettings: readonly DatabaseSetting[];
  /** Owners of relations in schema public. */
  readonly ownersInPublic: readonly string[];
}

export interface SourceFacts {
  readonly server: Fact<ServerFacts>;
  readonly role: Fact<RoleFacts>;
  readonly settings: Fact<Settings>;
  readonly database: Fact<DatabaseFacts>;
  readonly connections: Fact<ConnectionFacts>;
  readonly endpoint: Fact<EndpointProof>;
  readonly slots: Fact<SlotFacts>;
  readonly trialSlot: Fact<TrialSlot>;
  readonly longTransactions: Fact<readonly Blocker[]>;
  readonly preparedTransactions: Fact<readonly Blocker[]>;
  readonly walBytesPerSecond: Fact<number>;
  readonly superuserSessions: Fact<Names>;
  readonly leftovers: Fact<Names>;
  readonly rights: Fact<SourceRights>;
  /** Every table whose rows cannot be addressed by a plain key; the others need no word. */
  readonly tablesWithoutKey: Fact<readonly TableIdentity[]>;
  readonly objects: Fact<SourceObjects>;
  readonly catalog: Fact<SourceCatalog>;
}
