import type { NodeAgent } from '../agent/node-agent.ts';
import type { Catalog } from '../catalog/open-catalog.ts';
import { readRun } from '../catalog/runs.ts';
import type { Inventory } from '../config/inventory-schema.ts';
import type { ClusterLogin } from '../config/resolve-cluster.ts';
import type { Staging } from '../config/resolve-staging.ts';
import type { ClusterPlan } from '../domain/cluster/cluster.ts';
import type { MigrationPlan } from '../domain/migration/plan.ts';
import type { Secret } from '../domain/secret.ts';
import type { ServerAddress } from '../domain/server.ts';
import { connect, type Session, type SessionOptions } from '../postgres/connection.ts';
import { keepTriggersStill } from '../postgres/quiet-session.ts';
import type { PostgresInstallation } from '../programs/postgres-installations.ts';
import type { BackupKey } from '../storage/archive/key.ts';
import type { ObjectStore } from '../storage/object-store.ts';

/** What the worker gives to its activities. Files are read anew for every step: an inventory edited while a worker runs counts. */
export interface Dependencies {
  readonly catalog: Catalog;
  readonly inventory: () => Inventory;
  /** Of the file, for programs of ours that read it themselves. */
  readonly inventoryPath: string;
  /** That relative paths in it start from. */
  readonly inventoryFolder: string;
  readonly server: (name: string) => ServerAddress;
  readonly secret: (reference: string) => Secret;
  readonly store: (name: string) => ObjectStore;
  /** Where the dumps of a policy lie until the store has them. */
  readonly staging: (policy: string) => Staging;
  /** A key of the inventory, by its name. */
  readonly key: (name: string) => BackupKey;
  /** Every key that this machine has: backups name theirs by id. */
  readonly keys: () => readonly BackupKey[];
  /** Client programs of at least this major. */
  readonly clients: (atLeastMajor: number) => Promise<PostgresInstallation>;
  /** Server programs of this major and no other, to try backups with. */
  readonly servers: (major: number) => Promise<PostgresInstallation>;
  /** The worker's cores, for the default number of lanes. */
  readonly cores: number;
  /** A cluster as it is wanted and registered now. */
  readonly cluster: (name: string) => Promise<ClusterPlan>;
  /** A node of a cluster as the superuser dials it, with its secret resolved now. */
  readonly node: (cluster: string, node: string) => ServerAddress;
  readonly clusterPassword: (cluster: string, login: ClusterLogin) => Secret | undefined;
  /** On a worker of role `node:<name>`; absent everywhere else. */
  readonly agent?: NodeAgent;
}

/** A run as a step sees it: its plan, and its servers with their secrets resolved now. */
export interface RunContext {
  readonly runId: string;
  readonly plan: MigrationPlan;
  readonly source: ServerAddress;
  readonly target: ServerAddress;
  readonly catalog: Catalog;
  /** Opens a session to the database that is migrated, on either side. */
  readonly openSource: (purpose: string, settings?: Record<string, string>) => Promise<Session>;
  readonly openTarget: (purpose: string, settings?: Record<string, string>) => Promise<Session>;
  /** Opens a session to the maintenance database of either side. */
  readonly openSourceServer: (purpose: string) => Promise<Session>;
  readonly openTargetServer: (purpose: string) => Promise<Session>;
}

export async function openRun(deps: Dependencies, runId: string): Promise<RunContext> {
  const run = await readRun(deps.catalog, runId);
  const plan = run.plan as unknown as MigrationPlan;
  const source = deps.server(plan.source);
  const target = deps.server(plan.target);
  const named = (purpose: string): string => `${purpose}_${runId}`;
  return {
    runId,
    plan,
    source,
    target,
    catalog: deps.catalog,
    openSource: (purpose, settings) => openQuiet(source, { database: plan.database, purpose: named(purpose), ...(settings === undefined ? {} : { settings }) }),
    openTarget: (purpose, settings) => openQuiet(target, { database: plan.targetDatabase, purpose: named(purpose), ...(settings === undefined ? {} : { settings }) }),
    openSourceServer: (purpose) => connect(source, { purpose: named(purpose) }),
    openTargetServer: (purpose) => connect(target, { purpose: named(purpose) }),
  };
}

/** A session to the database that is migrated: the application's triggers are to take no notice of us. */
async function openQuiet(server: ServerAddress, options: SessionOptions): Promise<Session> {
  const session = await connect(server, options);
  await keepTriggersStill(session).catch(async (error: unknown) => {
    await session.close();
    throw error;
  });
  return session;
}
