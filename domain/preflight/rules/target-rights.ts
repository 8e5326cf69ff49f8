import { BOTH, ONLINE, ok, problem, whenKnown, type Rule } from '../rule.ts';

/** pg_create_subscription came with this major; before, only superusers make subscriptions. */
const SUBSCRIPTION_ROLE_MAJOR = 16;

/** What our role may do on the target. */
export const targetRightsRules: readonly Rule[] = [
  {
    id: 'target-create-rights',
    title: 'Our role may make the database or its objects',
    severity: 'blocking',
    modes: BOTH,
    answers: [],
    decide: ({ target, request }) =>
      whenKnown([target.role, target.database], (role, database) => {
        if (database === null) {
          return role.superuser || role.createDb
            ? ok(`Role ${role.name} may create database ${request.target.database}.`)
            : problem(`Database ${request.target.database} does not exist, and role ${role.name} may not create it.`, `CREATE DATABASE "${request.target.database}" OWNER "${role.name}"; or ALTER ROLE "${role.name}" CREATEDB;`);
        }
        return database.mayCreate
          ? ok(`Role ${role.name} has CREATE on database ${database.name}.`)
          : problem(`Role ${role.name} has no CREATE on database ${database.name}.`, `GRANT CREATE ON DATABASE "${database.name}" TO "${role.name}";`);
      }),
  },
  {
    id: 'target-database-owner',
    title: 'Our role owns the database on the target',
    severity: 'warning',
    modes: BOTH,
    answers: ['F33'],
    decide: ({ target }) =>
      whenKnown([target.role, target.database], (role, database) => {
        if (database === null) return ok('Our role makes the database, and so owns it.');
        if (role.superuser || database.owned) return ok(`Role ${role.name} may alter database ${database.name}.`);
        return problem(
          `Database ${database.name} belongs to ${database.owner}; role ${role.name} cannot make objects in its schema public nor set the database's settings.`,
          `GRANT "${database.owner}" TO "${role.name}"; or ALTER DATABASE "${database.name}" OWNER TO "${role.name}";`,
        );
      }),
  },
  {
    id: 'target-subscription-rights',
    title: 'Our role may make a subscription',
    severity: 'blocking',
    modes: ONLINE,
    answers: [],
    decide: ({ target }) =>
      whenKnown([target.role, target.server], (role, { major }) => {
        if (role.superuser || role.createSubscription) return ok(`Role ${role.name} may make subscriptions.`);
        if (major < SUBSCRIPTION_ROLE_MAJOR) return problem(`On PostgreSQL ${major} only a superuser makes subscriptions, and role ${role.name} is none.`, `Use a target of major ${SUBSCRIPTION_ROLE_MAJOR} or newer, a superuser, or \`mode: offline\`.`);
        return problem(`Role ${role.name} is not in pg_create_subscription.`, `GRANT pg_create_subscription TO "${role.name}";`);
      }),
  },
  {
    id: 'target-replication-role',
    title: 'Triggers and foreign keys can be kept still during the load',
    severity: 'warning',
    modes: BOTH,
    answers: ['F23'],
    decide: ({ target }) =>
      whenKnown([target.maySetReplicationRole, target.role], (may, { name }) =>
        may
          ? ok(`Role ${name} may set session_replication_role.`)
          : problem(`Role ${name} may not set session_replication_role; triggers and foreign keys have to come after the copy.`, `GRANT SET ON PARAMETER session_replication_role TO "${name}"; (15 and later, by a superuser)`),
      ),
  },
];
