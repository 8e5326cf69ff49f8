import type { RoleBound } from '../../domain/archive-list.ts';
import { OperationError, reportOf } from '../../domain/errors.ts';
import { mapsRoles } from '../../domain/role-mapping.ts';
import { type CarryOrder, carryGrants, carryOwners } from '../../postgres/carry-rights.ts';
import type { Session } from '../../postgres/connection.ts';
import { carryDefaultPrivileges, readDefaultPrivileges } from '../../postgres/default-privileges.ts';
import { listPoliciesFor, listUserMappingsOf, makePolicy, makeUserMapping } from '../../postgres/role-bound-objects.ts';
import type { RunContext } from '../dependencies.ts';

/**
 * What stands in for pg_restore where roles have other names on the target: an archive names roles in its statements, so owners,
 * grants and what is made for a role come from the source's catalogs instead (docs/decisions/0007-rights-from-the-catalogs.md).
 */
export const isMapped = ({ plan }: RunContext): boolean => mapsRoles(plan.roles);

/** Entries of the archive that name a mapped role and are made here. */
export async function listRoleBound(run: RunContext): Promise<RoleBound | undefined> {
  if (!isMapped(run)) return undefined;
  await using source = await run.openSource('schema');
  const roles = Object.keys(run.plan.roles);
  return { policies: new Set((await listPoliciesFor(source, roles)).map(({ oid }) => oid)), userMappings: await listUserMappingsOf(source, roles) };
}

/** Gives what came with the run to its owners; for a schema's guests to have been let in. */
export const giveOwners = (run: RunContext, target: Session): Promise<void> => (run.plan.owners ? carrying(run, target, carryOwners) : Promise.resolve());

/** Grants what is granted on the source, and makes the logins at foreign servers. */
export const giveGrants = (run: RunContext, target: Session): Promise<void> =>
  carrying(run, target, async (order) => {
    for (const mapping of await listUserMappingsOf(order.source, Object.keys(run.plan.roles))) await makeUserMapping(target, mapping, run.plan.roles);
    if (run.plan.privileges) await carryGrants(order);
  });

/** What is granted on objects that will be made; last, as ours are made with nothing. */
export const giveDefaultPrivileges = (run: RunContext, target: Session): Promise<void> =>
  carrying(run, target, async ({ source }) => {
    if (run.plan.privileges) await carryDefaultPrivileges(target, await readDefaultPrivileges(source), run.plan.roles);
  });

/** Makes the policies for mapped roles; comments on them come with the archive. */
export const makePolicies = (run: RunContext, target: Session): Promise<void> =>
  carrying(run, target, async ({ source }) => {
    for (const policy of await listPoliciesFor(source, Object.keys(run.plan.roles))) await makePolicy(target, policy, run.plan.roles);
  });

async function carrying(run: RunContext, target: Session, work: (order: CarryOrder) => Promise<void>): Promise<void> {
  if (!isMapped(run)) return;
  const { schemas, excludeSchemas } = run.plan.scope;
  await using source = await run.openSource('schema');
  try {
    await work({ source, target, runId: run.runId, roles: run.plan.roles, whole: schemas === undefined, publicSchema: schemas?.includes('public') ?? !excludeSchemas.includes('public') });
  } catch (error) {
    const { code, detail } = reportOf(error);
    if (code !== 'query_failed' && code !== 'privilege_missing') throw error;
    throw new OperationError('schema_failed', `owners and grants could not be carried over to ${target.place()}`, {
      detail,
      hint: 'Mend what the statement complains of, or change `roles` and start anew; then `pgconvoy migrate resume`.',
      cause: error,
    });
  }
}
