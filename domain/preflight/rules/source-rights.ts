import { listNames } from '../fact.ts';
import { BOTH, ONLINE, ok, problem, whenKnown, whenNone, type Rule } from '../rule.ts';

/** What our role may do on the source. */
export const sourceRightsRules: readonly Rule[] = [
  {
    id: 'source-replication-role',
    title: 'Our role may replicate',
    severity: 'blocking',
    modes: ONLINE,
    answers: [],
    decide: ({ source, request }) =>
      whenKnown([source.role], ({ name, replication }) =>
        replication
          ? ok(`Role ${name} may replicate.`)
          : problem(`Role ${name} has no REPLICATION.`, `ALTER ROLE "${name}" REPLICATION; or everything it needs: pgconvoy grants ${request.source.server}`),
      ),
  },
  {
    id: 'source-create-rights',
    title: 'Our role may make a publication and our schema',
    severity: 'blocking',
    modes: ONLINE,
    answers: [],
    decide: ({ source }) =>
      whenKnown([source.role, source.database], (role, database) =>
        database.mayCreate ? ok(`Role ${role.name} has CREATE on database ${database.name}.`) : problem(`Role ${role.name} has no CREATE on database ${database.name}.`, `GRANT CREATE ON DATABASE "${database.name}" TO "${role.name}";`),
      ),
  },
  {
    id: 'source-table-owner',
    title: 'Our role may publish every table',
    severity: 'blocking',
    modes: ONLINE,
    answers: [],
    decide: ({ source }) =>
      whenKnown([source.rights, source.role], ({ notOwnedTables }, role) =>
        whenNone(notOwnedTables, { none: `Role ${role.name} owns every table, itself or by membership.`, some: `${notOwnedTables.count} tables are not owned by role ${role.name} or a role it is in`, remedy: `GRANT <owner> TO "${role.name}"; for each owner (pgconvoy grants prints it).` }),
      ),
  },
  {
    id: 'source-fence-ownership',
    title: 'Our role may close the database at the cutover',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F61'],
    decide: ({ source }) =>
      whenKnown([source.role, source.database], (role, database) =>
        role.superuser || database.owned
          ? ok(`Role ${role.name} may alter database ${database.name}.`)
          : problem(`Database ${database.name} belongs to ${database.owner}, and role ${role.name} is not a member.`, `GRANT "${database.owner}" TO "${role.name}"; or ALTER DATABASE "${database.name}" OWNER TO "${role.name}";`),
      ),
  },
  {
    id: 'source-fence-signal',
    title: 'Our role may end the sessions of others at the cutover',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F61'],
    decide: ({ source }) =>
      whenKnown([source.role], ({ name, superuser, signalBackend }) =>
        superuser || signalBackend ? ok(`Role ${name} may end sessions.`) : problem(`Role ${name} is not in pg_signal_backend.`, `GRANT pg_signal_backend TO "${name}";`),
      ),
  },
  {
    id: 'source-table-privileges',
    title: 'Every table can be read',
    severity: 'blocking',
    modes: BOTH,
    answers: [],
    decide: ({ source }) =>
      whenKnown([source.rights, source.role], ({ unreadableTables }, role) =>
        whenNone(unreadableTables, { none: `Role ${role.name} may read every table.`, some: `${unreadableTables.count} tables cannot be read by role ${role.name}`, remedy: `GRANT pg_read_all_data TO "${role.name}"; from 14 on, else GRANT USAGE ON SCHEMA and SELECT ON ALL TABLES of each schema.` }),
      ),
  },
  {
    id: 'source-sequence-privileges',
    title: 'Every sequence can be read',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F21'],
    decide: ({ source }) =>
      whenKnown([source.rights, source.role], ({ unreadableSequences }, role) =>
        whenNone(unreadableSequences, { none: `Role ${role.name} may read every sequence.`, some: `${unreadableSequences.count} sequences cannot be read by role ${role.name}`, remedy: `GRANT SELECT ON ALL SEQUENCES IN SCHEMA <schema> TO "${role.name}";` }),
      ),
  },
  {
    id: 'source-large-object-privileges',
    title: 'Every large object can be read',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F29'],
    decide: ({ source }) =>
      whenKnown([source.rights, source.role], ({ unreadableLargeObjects }, role) =>
        unreadableLargeObjects === 0
          ? ok(`No large object is out of reach of role ${role.name}.`)
          : problem(`${unreadableLargeObjects} large objects cannot be read by role ${role.name}.`, `GRANT the roles that own them to "${role.name}"; SELECT DISTINCT lomowner::regrole FROM pg_largeobject_metadata;`),
      ),
  },
  {
    id: 'source-row-security',
    title: 'Row security hides nothing from us',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F34'],
    decide: ({ source }) =>
      whenKnown([source.role, source.rights], (role, { rowSecurity }) => {
        if (role.superuser || role.bypassRls) return ok(`Role ${role.name} is not subject to row security.`);
        if (rowSecurity.count === 0) return ok(`No policy applies to role ${role.name}.`);
        return problem(`Policies of ${rowSecurity.count} tables apply to role ${role.name}, so rows would be missing: ${listNames(rowSecurity)}.`, `ALTER ROLE "${role.name}" BYPASSRLS; (by a superuser)`);
      }),
  },
];
