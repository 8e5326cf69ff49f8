import { cancellationSignal } from '@temporalio/activity';

import { readArtifact } from '../../catalog/artifacts.ts';
import { readTables } from '../../catalog/copy-plan.ts';
import { recordGate } from '../../catalog/gates.ts';
import { firstNamedEntry, selectEntries, selectLateEntries, splitSchemas } from '../../domain/archive-list.ts';
import { OperationError } from '../../domain/errors.ts';
import type { Session } from '../../postgres/connection.ts';
import { readDatabaseProperties, underNames, writeDatabaseRights } from '../../postgres/database-properties.ts';
import { ensureDatabase, readDatabase } from '../../postgres/databases.ts';
import { listForeignKeys } from '../../postgres/foreign-keys.ts';
import { addressExists, readAddress } from '../../postgres/object-address.ts';
import { dropWhatIsNew, recordWhatWasHere } from '../../postgres/object-inventory.ts';
import { ensureRoles, isSuperuser, listNeededRoles } from '../../postgres/roles.ts';
import { listSchemaGuests, withGuestRights } from '../../postgres/schema-rights.ts';
import { recordRightsHere } from '../../postgres/rights-here.ts';
import { ensureTargetSchema } from '../../postgres/run-schema.ts';
import { flushApplied } from '../../postgres/replication/subscription.ts';
import { readBuiltOids } from '../../postgres/tables.ts';
import { type RestoreOrder, restoreSection } from '../../programs/pg-archive.ts';
import { type Dependencies, openRun, type RunContext } from '../dependencies.ts';
import { beating } from '../step.ts';
import { ARCHIVE } from './dump-definitions.ts';
import { giveDefaultPrivileges, giveGrants, giveOwners, isMapped, listRoleBound, makePolicies } from './mapped-roles.ts';

export interface PreparedSchema {
  readonly databaseMade: boolean;
  readonly rolesMade: readonly string[];
  readonly rolesWithoutPassword: readonly string[];
}

/**
 * Creates on the target all that the rows need, out of the dump of the source: database, roles, types, tables. Again, it first
 * removes what an attempt that was cut short has left.
 */
export const prepareSchema =
  (deps: Dependencies) =>
  async ({ runId }: { runId: string }): Promise<PreparedSchema> => {
    const run = await openRun(deps, runId);
    let doing = 'making database and roles on the target';
    return await beating(() => ({ doing }), async () => {
      const archive = await readArtifact(deps.catalog, runId, ARCHIVE);
      const databaseMade = await makeDatabase(run);
      await using target = await run.openTarget('schema');
      await ensureTargetSchema(target, runId);
      await recordWhatWasHere(target, runId);
      await recordRightsHere(target, runId);
      const { made, withoutPassword } = await copyRoles(run);
      if (databaseMade) await carryDatabaseRights(run);
      doing = 'creating types and tables';
      await dropWhatIsNew(target, runId);
      await restoreDefinitions(deps, run, { archive, target });
      await flushApplied(target);
      await recordGate(deps.catalog, { runId, gate: 'schema', attempt: 1, state: 'passed', evidence: { databaseMade, rolesMade: made, rolesWithoutPassword: withoutPassword, archiveBytes: archive.length } });
      return { databaseMade, rolesMade: made, rolesWithoutPassword: withoutPassword };
    });
  };

/** Schemas first, since a role that is no superuser has to open them to the owners of what is in them. */
async function restoreDefinitions(deps: Dependencies, run: RunContext, { archive, target }: { archive: Buffer; target: Session }): Promise<void> {
  const superuser = await isSuperuser(target);
  const order = { ...(await restoreOrder(deps, run)), archive, section: 'pre-data' } as const;
  const roleBound = await listRoleBound(run);
  const chosen = (list: string) => splitSchemas(selectEntries(list, { indexes: new Set(), constraints: new Set(), extensionComments: !superuser, roleBound }));
  await restore(run, { ...order, select: (list) => chosen(list).schemas });
  await opened(run, target, async () => {
    await restore(run, { ...order, select: (list) => chosen(list).rest });
    await giveOwners(run, target);
  });
  await giveGrants(run, target);
}

async function opened(run: RunContext, target: Session, work: () => Promise<void>): Promise<void> {
  if (!run.plan.owners || (await isSuperuser(target))) return await work();
  await using source = await run.openSource('schema');
  await withGuestRights(target, await listSchemaGuests(source, run.plan.roles), work);
}

async function makeDatabase(run: RunContext): Promise<boolean> {
  await using source = await run.openSourceServer('schema');
  await using target = await run.openTargetServer('schema');
  const like = await readDatabase(source, run.plan.database);
  if (like === undefined) throw new OperationError('database_missing', `database ${run.plan.database} is not on server ${run.plan.source}`);
  return (await ensureDatabase(target, run.runId, run.plan.targetDatabase, like)) === 'made';
}

async function carryDatabaseRights(run: RunContext): Promise<void> {
  await using source = await run.openSourceServer('schema');
  await using target = await run.openTargetServer('schema');
  const wanted = await readDatabaseProperties(source, run.plan.database);
  if (wanted !== undefined) await writeDatabaseRights(target, run.plan.targetDatabase, underNames(wanted, run.plan.roles), run.plan);
}

async function copyRoles(run: RunContext): Promise<{ made: string[]; withoutPassword: string[] }> {
  if (!run.plan.owners && !run.plan.privileges) return { made: [], withoutPassword: [] };
  await using source = await run.openSource('roles');
  await using target = await run.openTarget('roles');
  return await ensureRoles(target, run.runId, await listNeededRoles(source, run.plan.roles));
}

async function restoreOrder(deps: Dependencies, run: RunContext) {
  await using source = await run.openSourceServer('version');
  await using target = await run.openTargetServer('version');
  const clients = await deps.clients(Math.max(source.major, target.major));
  const { targetDatabase } = run.plan;
  // An archive knows roles by their names on the source alone.
  const [owners, privileges] = [run.plan.owners && !isMapped(run), run.plan.privileges && !isMapped(run)];
  return { server: run.target, database: targetDatabase, targetMajor: target.major, clients, owners, privileges, signal: cancellationSignal() };
}

/** Creates what comes after the rows and was not built by the copy: triggers, rules, policies, parents of partitioned indexes, views' data. */
export const finishSchema =
  (deps: Dependencies) =>
  async ({ runId }: { runId: string }): Promise<void> => {
    const run = await openRun(deps, runId);
    await beating(() => ({ doing: 'creating triggers, rules, policies and views' }), async () => {
      const tables = await readTables(deps.catalog, runId);
      const built = await builtByUs(run, tables.map(({ facts }) => facts.oid));
      const order = { ...(await restoreOrder(deps, run)), archive: await readArtifact(deps.catalog, runId, ARCHIVE), section: 'post-data' } as const;
      await using target = await run.openTarget('schema');
      const roleBound = await listRoleBound(run);
      await makePolicies(run, target);
      await opened(run, target, async () => {
        await restore(run, { ...order, select: (list) => unlessThere(run, selectEntries(list, { ...built, extensionComments: true, roleBound })) });
        await giveOwners(run, target);
      });
      await giveGrants(run, target);
      await giveDefaultPrivileges(run, target);
      await recordGate(deps.catalog, { runId, gate: 'indexed', attempt: 1, state: 'passed', evidence: { tables: tables.length, indexes: built.indexes.size, constraints: built.constraints.size } });
    });
  };

/** A statement that the target refuses will be refused again; a server that is away will come back. */
async function restore(run: RunContext, order: RestoreOrder): Promise<void> {
  try {
    // What comes before the rows is flushed as a whole when all of it is there.
    await restoreSection({ ...order, durable: order.section !== 'pre-data' });
  } catch (error) {
    if (!(error instanceof OperationError) || error.code !== 'program_failed') throw error;
    await using target = await run.openTarget('schema');
    throw new OperationError('schema_failed', `the ${order.section} objects could not be created in ${target.place()}`, {
      detail: error.detail,
      hint: 'Mend what the statement complains of, on either side, then `pgconvoy migrate resume`: what was made so far is removed and made anew.',
      cause: error,
    });
  }
}

/** Creates what comes behind the foreign keys: comments on them, and event triggers, which would fire on what we do. */
export async function restoreLateEntries(deps: Dependencies, run: RunContext): Promise<void> {
  const archive = await readArtifact(deps.catalog, run.runId, ARCHIVE);
  await restore(run, { ...(await restoreOrder(deps, run)), archive, section: 'any', select: (list) => unlessThere(run, selectLateEntries(list)) });
  await using target = await run.openTarget('schema');
  await giveOwners(run, target);
}

/**
 * The entries, or undefined when an attempt before this one has made them and died before it could say so: they are made in
 * one transaction, so one of them stands for all.
 */
async function unlessThere(run: RunContext, entries: string): Promise<string | undefined> {
  const entry = firstNamedEntry(entries);
  if (entry === undefined) return entries;
  await using source = await run.openSource('schema');
  await using target = await run.openTarget('schema');
  const address = await readAddress(source, entry);
  return address !== undefined && (await addressExists(target, address)) ? undefined : entries;
}

async function builtByUs(run: RunContext, tables: readonly number[]): Promise<{ indexes: Set<number>; constraints: Set<number> }> {
  await using source = await run.openSource('schema');
  const built = await readBuiltOids(source, tables);
  const keys = await listForeignKeys(source, run.plan.scope);
  return { indexes: new Set(built.indexes), constraints: new Set([...built.constraints, ...keys.map((key) => key.oid)]) };
}
