/** The parts a server can play in a migration. */
export const PARTS = ['source', 'target'] as const;
export type Part = (typeof PARTS)[number];

export interface LeastRoleWish {
  readonly role: string;
  readonly database: string;
  readonly parts: readonly Part[];
  readonly provider: 'self-managed' | 'azure';
  /** Of the server; what it does not have yet is said instead of granted. */
  readonly major: number;
  readonly maintenanceDatabase: string;
  /** Ordinary roles that own the database or something in it; a placeholder when they are not known. */
  readonly owners: readonly string[];
  /** Superusers that own something in it. */
  readonly superusers: readonly string[];
  /** Whether one of them owns the database itself. */
  readonly ownedBySuperuser: boolean;
  /** Whether the database exists on the server; on a target it may be made by our role. */
  readonly exists: boolean;
}

/** One statement with the reason for it, or a remark when `sql` is absent. */
export interface Grant {
  readonly why: string;
  readonly sql?: string;
}

/**
 * The SQL that gives a role the least it needs for its part, to be run by a superuser (on Azure: a member of
 * azure_pg_admin) in the named database. Nothing is created twice: the role has to exist.
 */
export function leastRole(wish: LeastRoleWish): readonly Grant[] {
  const grants = [
    ...forBoth(wish),
    ...(wish.parts.includes('source') ? forSource(wish) : []),
    ...(wish.parts.includes('target') ? forTarget(wish) : []),
  ];
  return grants.filter((grant, index) => grants.findIndex((other) => other.sql === grant.sql && other.why === grant.why) === index);
}

const SET_AND_SUBSCRIBE_MAJOR = 16;
const READ_ALL_DATA_MAJOR = 14;
const PARAMETER_GRANTS_MAJOR = 15;

const ident = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function forBoth({ role, owners, superusers, ownedBySuperuser, database, maintenanceDatabase, exists }: LeastRoleWish): Grant[] {
  return [
    { why: `steer from database ${maintenanceDatabase}, which stays open at the cutover`, sql: `GRANT CONNECT ON DATABASE ${ident(maintenanceDatabase)} TO ${ident(role)};` },
    { why: 'see what other sessions do, and every setting', sql: `GRANT pg_monitor TO ${ident(role)};` },
    ...(exists ? [{ why: 'make our schema beside the application', sql: `GRANT CONNECT, CREATE, TEMPORARY ON DATABASE ${ident(database)} TO ${ident(role)};` }] : []),
    ...owners.map((owner) => ({ why: `act for ${owner}: publish its tables, give objects to it, close its database`, sql: `GRANT ${ident(owner)} TO ${ident(role)};` })),
    ...(ownedBySuperuser ? [{ why: 'close the database at the cutover; membership in its owner would make a superuser of the role', sql: `ALTER DATABASE ${ident(database)} OWNER TO ${ident(role)};` }] : []),
    ...superusers.map((owner) => ({ why: `tables of superuser ${owner} can be published by superusers only: give them to an ordinary role first (ALTER TABLE … OWNER TO …)` })),
  ];
}

function forSource({ role, provider, major }: LeastRoleWish): Grant[] {
  return [
    { why: provider === 'azure' ? 'replicate (azure_pg_admin may set it)' : 'replicate', sql: `ALTER ROLE ${ident(role)} REPLICATION;` },
    { why: 'end the sessions of others at the cutover; those of superusers it cannot end', sql: `GRANT pg_signal_backend TO ${ident(role)};` },
    major >= READ_ALL_DATA_MAJOR
      ? { why: 'read every table and sequence', sql: `GRANT pg_read_all_data TO ${ident(role)};` }
      : { why: `pg_read_all_data came with ${READ_ALL_DATA_MAJOR}: read every table and sequence as a member of their owners` },
    ...(provider === 'self-managed' ? [{ why: 'read past row security', sql: `ALTER ROLE ${ident(role)} BYPASSRLS;` }] : [{ why: 'BYPASSRLS needs a superuser, whom Azure does not give: tables with policies FORCEd on their owner cannot be read' }]),
  ];
}

function forTarget({ role, provider, major, exists }: LeastRoleWish): Grant[] {
  return [
    ...(exists ? [] : [{ why: 'make the database', sql: `ALTER ROLE ${ident(role)} CREATEDB;` }]),
    { why: 'make the roles that own objects on the source, where they are missing', sql: `ALTER ROLE ${ident(role)} CREATEROLE;` },
    major >= SET_AND_SUBSCRIBE_MAJOR
      ? { why: 'subscribe to the source', sql: `GRANT pg_create_subscription TO ${ident(role)};` }
      : { why: `pg_create_subscription came with ${SET_AND_SUBSCRIBE_MAJOR}: on this server only a superuser subscribes, so only \`mode: offline\` works` },
    ...keepTriggersStill({ role, provider, major }),
    ...(provider === 'self-managed' ? [{ why: 'write into and compare tables whose policies are FORCEd on their owner', sql: `ALTER ROLE ${ident(role)} BYPASSRLS;` }] : []),
  ];
}

function keepTriggersStill({ role, provider, major }: Pick<LeastRoleWish, 'role' | 'provider' | 'major'>): Grant[] {
  if (provider === 'azure') return [{ why: 'session_replication_role is set by members of azure_pg_admin', sql: `GRANT azure_pg_admin TO ${ident(role)};` }];
  if (major < PARAMETER_GRANTS_MAJOR) return [{ why: `session_replication_role can be granted from ${PARAMETER_GRANTS_MAJOR} on; without it triggers come after the copy` }];
  return [{ why: 'keep triggers and foreign keys still during the load', sql: `GRANT SET ON PARAMETER session_replication_role TO ${ident(role)};` }];
}
