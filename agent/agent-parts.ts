/** What an agent is started with. It reads no configuration itself: the inventory as it is now, and secrets, come from who starts it. */
import type { AuditEvent } from '../catalog/audit.ts';
import type { ClusterPlan } from '../domain/cluster/cluster.ts';
import type { NodeDeclaration } from '../domain/cluster/node.ts';
import type { Secret } from '../domain/secret.ts';
import type { ServerAddress } from '../domain/server.ts';
import type { PostgresInstallation } from '../programs/postgres-installations.ts';
import type { OpenWindow } from './agent-journal.ts';
import type { NodeAgent } from './node-agent.ts';

export interface AgentLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Where the catalog is, for a connection of the agent's own. */
export interface CatalogPlace {
  readonly address: ServerAddress;
  readonly database: string;
}

/** Gives a primary back that a window had stopped, or goes on when its epoch is claimed. Called before the first order is taken. */
export type RecoverWindow = (agent: NodeAgent, window: OpenWindow) => Promise<void>;

export interface AgentParts {
  readonly cluster: string;
  readonly node: string;
  /** The inventory as it is now, with the nodes as they are registered. Throws when the inventory has errors. */
  readonly plan: (registered: readonly NodeDeclaration[]) => ClusterPlan;
  /** Any node as the superuser dials it, by the host of the inventory; secrets are resolved now. */
  readonly address: (node: string) => ServerAddress;
  readonly password: (login: 'replication' | 'application') => Secret | undefined;
  /** The programs of a major, or of the newest there is. Throws `program_missing`. */
  readonly installation: (major: number | null, binDir: string | null) => Promise<PostgresInstallation>;
  readonly catalog: CatalogPlace;
  readonly audit: (event: AuditEvent) => Promise<unknown>;
  readonly stateDir: string;
  readonly log: AgentLog;
  readonly recoverWindow?: RecoverWindow;
}
