import { describe, expect, it } from 'vitest';

import { leastRole, type LeastRoleWish } from '../../domain/least-role.ts';

const wish = (fields: Partial<LeastRoleWish> = {}): LeastRoleWish => ({
  role: 'mover',
  database: 'shop',
  parts: ['source', 'target'],
  provider: 'self-managed',
  major: 18,
  maintenanceDatabase: 'postgres',
  owners: ['shop_owner'],
  superusers: [],
  ownedBySuperuser: false,
  exists: true,
  ...fields,
});

const sql = (fields: Partial<LeastRoleWish>): string[] => leastRole(wish(fields)).flatMap((grant) => grant.sql ?? []);
const remarks = (fields: Partial<LeastRoleWish>): string[] => leastRole(wish(fields)).flatMap((grant) => (grant.sql === undefined ? [grant.why] : []));

describe('leastRole', () => {
  it('never makes a superuser', () => {
    expect(sql({}).join('\n')).not.toMatch(/SUPERUSER/);
  });

  it('gives a source what it takes to read, replicate and fence', () => {
    expect(sql({ parts: ['source'] })).toEqual(expect.arrayContaining(['ALTER ROLE "mover" REPLICATION;', 'GRANT pg_signal_backend TO "mover";', 'GRANT pg_read_all_data TO "mover";', 'GRANT "shop_owner" TO "mover";']));
  });

  it('gives a target what it takes to subscribe, and no REPLICATION', () => {
    const target = sql({ parts: ['target'] });
    expect(target).toContain('GRANT pg_create_subscription TO "mover";');
    expect(target).not.toContain('ALTER ROLE "mover" REPLICATION;');
  });

  it('says what an old server cannot grant instead of granting it', () => {
    expect(sql({ major: 13 }).join('\n')).not.toMatch(/pg_read_all_data|pg_create_subscription|ON PARAMETER/);
    expect(remarks({ major: 13 })).toHaveLength(3);
  });

  it('grants on Azure only what its administrator may grant', () => {
    expect(sql({ provider: 'azure' }).join('\n')).not.toMatch(/BYPASSRLS|ON PARAMETER/);
  });

  it('takes a database from a superuser rather than making the role a member of one', () => {
    expect(sql({ owners: [], ownedBySuperuser: true })).toContain('ALTER DATABASE "shop" OWNER TO "mover";');
    expect(remarks({ superusers: ['postgres'] })).toEqual([expect.stringContaining('superuser postgres')]);
  });

  it('lets the role make a target database that is not there', () => {
    expect(sql({ parts: ['target'], exists: false, owners: [] })).toContain('ALTER ROLE "mover" CREATEDB;');
  });

  it('quotes whatever a name holds', () => {
    expect(sql({ role: 'a"b' })).toContain('ALTER ROLE "a""b" REPLICATION;');
  });
});
