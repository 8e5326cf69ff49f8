import type { ServerAddress } from '../../domain/server.ts';
import { connect } from '../../postgres/connection.ts';

/** What a server has, apart from rows: equal before and after a migration that was aborted. */
export type Traces = Readonly<Record<string, readonly string[]>>;

const ON_SERVER = {
  roles: "SELECT rolname AS name FROM pg_roles WHERE rolname !~ '^pg_'",
  databases: "SELECT concat_ws(' ', datname, datallowconn, datconnlimit, datacl, shobj_description(oid, 'pg_database')) AS name FROM pg_database",
  settings: "SELECT concat_ws(' ', setdatabase, setrole, setconfig) AS name FROM pg_db_role_setting",
  slots: 'SELECT slot_name AS name FROM pg_replication_slots',
  subscriptions: 'SELECT subname AS name FROM pg_subscription',
  origins: 'SELECT roname AS name FROM pg_replication_origin',
  sessions: "SELECT application_name AS name FROM pg_stat_activity WHERE application_name LIKE 'pgconvoy_%' AND application_name NOT LIKE 'pgconvoy_test%'",
};

const IN_DATABASE = {
  schemas: "SELECT concat_ws(' ', nspname, nspowner::regrole, nspacl) AS name FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast_temp)'",
  relations: "SELECT concat_ws(' ', relnamespace::regnamespace, relname, relkind, relreplident) AS name FROM pg_class WHERE relnamespace::regnamespace::text !~ '^pg_(temp|toast_temp)'",
  types: "SELECT concat_ws(' ', typnamespace::regnamespace, typname) AS name FROM pg_type WHERE typnamespace::regnamespace::text !~ '^pg_(temp|toast_temp)'",
  functions: "SELECT concat_ws(' ', oid::regprocedure, proacl) AS name FROM pg_proc",
  'default privileges': "SELECT concat_ws(' ', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype, defaclacl) AS name FROM pg_default_acl",
  extensions: 'SELECT extname AS name FROM pg_extension',
  publications: 'SELECT pubname AS name FROM pg_publication',
  triggers: "SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) AS name FROM pg_trigger",
  'event triggers': 'SELECT evtname AS name FROM pg_event_trigger',
};

/** Looks at a server and, if there is one of that name, at a database of it. */
export async function tracesOn(server: ServerAddress, database: string): Promise<Traces> {
  await using session = await connect(server, { purpose: 'test_traces' });
  const there = await session.maybeRow('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
  return { ...(await ask(server, undefined, ON_SERVER)), ...(there === undefined ? {} : await ask(server, database, IN_DATABASE)) };
}

async function ask(server: ServerAddress, database: string | undefined, questions: Readonly<Record<string, string>>): Promise<Traces> {
  await using session = await connect(server, { purpose: 'test_traces', ...(database === undefined ? {} : { database }) });
  const answers: Record<string, string[]> = {};
  for (const [what, sql] of Object.entries(questions)) answers[what] = (await session.rows<{ name: string }>(sql)).map(({ name }) => name).toSorted();
  return answers;
}
