import type { Fact, Names } from './fact.ts';
import type { DatabaseSetting } from './source-facts.ts';
import type { ConnectionFacts, DatabaseFacts, EndpointProof, RoleFacts, ServerFacts, Settings } from './server-facts.ts';

/** What the target offers of an extension. */
export interface OfferedExtension {
  readonly name: string;
  readonly versions: readonly string[];
}

/** A role on the target that the source's objects need. */
export interface TargetRole {
  readonly name: string;
  readonly superuser: boolean;
  /** Whether our role may give objects to it. */
  readonly assignable: boolean;
  /** CREATE on schema public, which from 15 on is not everybody's. */
  readonly createsInPublic: boolean;
  /** null where we may not look. */
  readonly loginWithoutPassword: boolean | null;
}

export interface ReplicationCapacity {
  readonly origins: number;
  readonly logicalWorkers: number;
  readonly backgroundWorkers: number;
}

export interface TargetFacts {
  readonly server: Fact<ServerFacts>;
  readonly role: Fact<RoleFacts>;
  readonly settings: Fact<Settings>;
  /** null: the database is not there yet. */
  readonly database: Fact<DatabaseFacts | null>;
  readonly connections: Fact<ConnectionFacts>;
  readonly endpoint: Fact<EndpointProof>;
  /** Objects that are there already. */
  readonly present: Fact<Names>;
  readonly leftovers: Fact<Names>;
  /** What is in use of the three pools a subscription draws from. */
  readonly replicationUsed: Fact<ReplicationCapacity>;
  readonly extensions: Fact<readonly OfferedExtension[]>;
  /** `schema.name` of the collations that exist. */
  readonly collations: Fact<readonly string[]>;
  readonly roles: Fact<readonly TargetRole[]>;
  /** Whether our role may let others into schema public. */
  readonly mayGrantInPublic: Fact<boolean>;
  /** What ALTER DATABASE … SET says of a database that is there already. */
  readonly databaseSettings: Fact<readonly DatabaseSetting[]>;
  /** Whether our role may set session_replication_role. */
  readonly maySetReplicationRole: Fact<boolean>;
  /** `setting = value (database, role)` of time-outs that ALTER DATABASE or ALTER ROLE prescribe. */
  readonly timeouts: Fact<Names>;
}
