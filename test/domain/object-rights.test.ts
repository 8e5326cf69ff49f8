import { describe, expect, it } from 'vitest';

import { changesBetween, type Grant, grantChanges, type ObjectRights } from '../../domain/object-rights.ts';

const grant = (grantee: string | null, privilege: string, more: Partial<Grant> = {}): Grant => ({ grantor: 'old', grantee, privilege, grantable: false, ...more });
const table = (fields: Partial<ObjectRights>): ObjectRights => ({
  type: 'table', identity: 'shop.film', column: null, owner: 'old', ownable: true, forSuperusers: false, grants: [], explicit: true, initial: null, all: ['SELECT', 'INSERT'], ...fields,
});
const byNew = { grantor: 'new' };
const target = (grants: readonly Grant[]): ObjectRights => table({ owner: 'new', grants, explicit: false });
const OWN = [grant('new', 'SELECT', byNew), grant('new', 'INSERT', byNew)];

describe('grants of an object, under the names of the target,', () => {
  const roles = { old: 'new', app: 'application' };

  it('go to the roles that are mapped, and to the others under their own names', () => {
    const source = table({ grants: [grant('old', 'SELECT'), grant('old', 'INSERT'), grant('app', 'SELECT'), grant('report', 'SELECT'), grant(null, 'SELECT')] });
    expect(grantChanges({ roles, source, target: target(OWN) })).toEqual({
      revoke: [],
      grant: [grant('application', 'SELECT', byNew), grant('report', 'SELECT', byNew), grant(null, 'SELECT', byNew)],
    });
  });

  it('stay the defaults of the target where nobody has said anything', () => {
    const source = table({ grants: [grant('old', 'SELECT')], explicit: false });
    expect(grantChanges({ roles, source, target: target([...OWN, grant(null, 'SELECT', byNew)]) })).toEqual({ revoke: [], grant: [] });
  });

  it('are taken away where the source has taken them', () => {
    const source = table({ grants: [grant('old', 'INSERT')] });
    expect(grantChanges({ roles, source, target: target([...OWN, grant(null, 'SELECT', byNew)]) }).revoke).toEqual([grant('new', 'SELECT', byNew), grant(null, 'SELECT', byNew)]);
  });

  it('hold what a later major has added for whoever had everything', () => {
    const source = table({ grants: [grant('old', 'SELECT'), grant('old', 'INSERT'), grant('app', 'SELECT'), grant('app', 'INSERT'), grant('report', 'SELECT')] });
    const newer = { ...target([...OWN, grant('new', 'MAINTAIN', byNew)]), all: ['SELECT', 'INSERT', 'MAINTAIN'] };
    const { revoke, grant: granted } = grantChanges({ roles, source, target: newer });
    expect(revoke).toEqual([]);
    expect(granted).toContainEqual(grant('application', 'MAINTAIN', byNew));
    expect(granted).not.toContainEqual(grant('report', 'MAINTAIN', byNew));
  });

  it('are given by those who gave them, once these may', () => {
    const source = table({ grants: [grant('report', 'SELECT', { grantor: 'app' }), grant('app', 'SELECT', { grantable: true })] });
    expect(grantChanges({ roles, source, target: target([]) }).grant).toEqual([grant('application', 'SELECT', { ...byNew, grantable: true }), grant('report', 'SELECT', { grantor: 'application' })]);
  });

  it('fall together where several roles become one', () => {
    const source = table({ grants: [grant('app', 'SELECT'), grant('report', 'SELECT', { grantable: true }), grant('app', 'SELECT', { grantor: 'report' })] });
    expect(grantChanges({ roles: { ...roles, report: 'application' }, source, target: target([]) }).grant).toEqual([grant('application', 'SELECT', { ...byNew, grantable: true })]);
  });

  it('on what the system made are carried as far as they were changed', () => {
    const initial = [grant(null, 'SELECT')];
    const source = table({ grants: [grant('app', 'SELECT')], initial });
    const system = { ...target([...OWN, grant(null, 'SELECT', byNew), grant('pg_monitor', 'SELECT', byNew)]), ownable: false };
    expect(grantChanges({ roles, source, target: system })).toEqual({ revoke: [grant(null, 'SELECT', byNew)], grant: [grant('application', 'SELECT', byNew)] });
  });

  it('leave our own role what it may do where owners are not kept', () => {
    const source = table({ grants: [grant('app', 'SELECT')] });
    const ours = { ...target([grant('mover', 'SELECT', { grantor: 'mover' })]), owner: 'mover' };
    expect(grantChanges({ roles: { app: 'application' }, source, target: ours })).toEqual({ revoke: [], grant: [grant('application', 'SELECT', { grantor: 'mover' })] });
  });
});

it('what is as wanted is not touched', () => {
  expect(changesBetween(OWN, { grants: OWN, owner: 'new' })).toEqual({ revoke: [], grant: [] });
});
