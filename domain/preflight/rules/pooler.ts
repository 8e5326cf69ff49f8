import type { Fact } from '../fact.ts';
import type { PoolerConsoleFacts } from '../pooler-facts.ts';
import { BOTH, ok, problem, type Outcome, type Rule, sentence, whenKnown } from '../rule.ts';

/** A client may have to wait for as long as another worker needs to take over: heartbeat, retry, and then the window itself. */
const TAKEOVER_SECONDS = 60;

const ELSEWHERE = ok('The route does not lead through PgBouncer.');

type Entry = NonNullable<PoolerConsoleFacts['entry']>;

const ofConsole = (console: Fact<PoolerConsoleFacts | null>, decide: (known: PoolerConsoleFacts) => Outcome): Outcome =>
  whenKnown([console], (known) => (known === null ? ELSEWHERE : decide(known)));

/** Where there is no such entry, one rule says so and the others have nothing to add. */
const ofEntry = (console: Fact<PoolerConsoleFacts | null>, decide: (entry: Entry, known: PoolerConsoleFacts) => Outcome): Outcome =>
  ofConsole(console, (known) => (known.entry === null ? ok('There is no such entry.') : decide(known.entry, known)));

/** What a route through PgBouncer needs. https://www.pgbouncer.org/usage.html#admin-console */
export const poolerRules: readonly Rule[] = [
  {
    id: 'pooler-console',
    title: "PgBouncer's console takes our orders",
    severity: 'blocking',
    modes: BOTH,
    answers: [],
    decide: ({ path }) => {
      const { poolerConsole } = path;
      if ('failed' in poolerConsole) return problem([poolerConsole.failed.message, poolerConsole.failed.detail].filter((text) => text !== undefined).map(sentence).join(' '), ADMIN);
      return ofConsole(poolerConsole, ({ place, user, admin }) =>
        admin ? ok(`Role ${user} gives orders to PgBouncer at ${place}.`) : problem(`Role ${user} may look at PgBouncer at ${place}, and not give orders.`, ADMIN),
      );
    },
  },
  {
    id: 'pooler-entry',
    title: 'PgBouncer has the entry, and it leads to the database',
    severity: 'blocking',
    modes: BOTH,
    answers: [],
    decide: ({ path, request }) =>
      ofConsole(path.poolerConsole, ({ entry, place }) => {
        if (entry === null) return problem(`PgBouncer at ${place} has no such entry in [databases].`, 'Add the line `name = host=… port=… dbname=…`, then `RELOAD`; a line for `*` cannot be paused.');
        if (entry.paused) return problem(`Entry ${entry.name} is paused already.`, `Find out why, then \`RESUME ${entry.name}\`.`);
        if (entry.database === request.source.database) return ok(`Entry ${entry.name} leads to database ${entry.database}.`);
        return problem(`Entry ${entry.name} leads to database ${entry.database}, not ${request.source.database}.`, 'Name the entry that the application uses under `cutover.route.database`.');
      }),
  },
  {
    id: 'pooler-source',
    title: 'The entry leads to the source under the name that the inventory has for it',
    severity: 'warning',
    modes: BOTH,
    answers: [],
    decide: ({ path }) =>
      ofEntry(path.poolerConsole, (entry, { source }) => {
        const evidence = `Entry ${entry.name} leads to ${entry.host ?? 'a Unix socket'}:${entry.port}, the inventory to ${source.host}:${source.port}.`;
        if (entry.host === source.host && entry.port === source.port) return ok(evidence);
        return problem(evidence, "Make sure that both are the same server. The entry will get the target's host and port as the inventory has them; PgBouncer has to reach them.");
      }),
  },
  {
    id: 'pooler-mode',
    title: 'The pool is not bound to sessions',
    severity: 'blocking',
    modes: BOTH,
    answers: [],
    decide: ({ path }) =>
      ofEntry(path.poolerConsole, (entry, { poolModes }) => {
        const evidence = `Entry ${entry.name} pools by ${poolModes.join(', ')}.`;
        if (!poolModes.includes('session')) return ok(evidence);
        return problem(evidence, 'PAUSE would wait until every client has gone. Set `pool_mode = transaction`, or switch by a `command` route, which ends the sessions.');
      }),
  },
  {
    id: 'pooler-wait',
    title: 'Clients may wait longer than a cutover',
    severity: 'warning',
    modes: BOTH,
    answers: [],
    decide: ({ path, request }) =>
      ofEntry(path.poolerConsole, (_entry, { queryWaitSeconds }) => {
        const needed = TAKEOVER_SECONDS + Math.ceil(request.cutoverBudgetMs / 1000);
        if (queryWaitSeconds === 0) return ok('Clients wait without end.');
        const evidence = `A client gets an error after ${queryWaitSeconds} s of waiting.`;
        if (queryWaitSeconds >= needed) return ok(evidence);
        return problem(evidence, `\`SET query_wait_timeout = ${needed}\` on the console for the time of the cutover: a window and, should its worker die, the one who takes it back fit into that.`);
      }),
  },
  {
    id: 'pooler-file',
    title: "PgBouncer's file can be rewritten",
    severity: 'blocking',
    modes: BOTH,
    answers: [],
    decide: ({ path }) =>
      whenKnown([path.poolerFile], (file) => {
        if (file === null) return ELSEWHERE;
        if (!file.absolute) return problem(`File ${file.path} is not named from the root.`, 'Write the whole path under `cutover.route.configFile`: workers start in folders of their own.');
        if (!file.writable) return problem(`File ${file.path} is not there, or we may not read and write it.`, `Let the worker's account write it, for example by a group: chgrp pgconvoy ${file.path}; chmod g+rw ${file.path}.`);
        if (!file.hasEntry) return problem(`File ${file.path} has no line for the entry.`, 'Name the file in which the entry stands: pgbouncer.ini, or one that it includes.');
        return ok(`File ${file.path} has the entry, and we may write it.`);
      }),
  },
];

const ADMIN = 'Name the role in `admin_users` of pgbouncer.ini and its password in the `auth_file`, then `RELOAD`; see `cutover.route` for host, port, user and password.';
