import { listNames } from '../fact.ts';
import { BOTH, OFFLINE, ONLINE, ok, problem, whenKnown, whenNone, type Rule } from '../rule.ts';
import { connectionsNeeded, limit, lockTable, noPooler, notReached, reached, sameInstance, supportedMajor, withoutKnownBug } from './server-rules.ts';

/** The server we read from, before any of its objects. Order: what the later ones rest on comes first. */
export const sourceServerRules: readonly Rule[] = [
  {
    id: 'source-reachable',
    title: 'The source answers',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F60'],
    decide: ({ source }) => ('failed' in source.server ? notReached(source.server.failed) : reached(source.server.ok)),
  },
  {
    id: 'source-version',
    title: 'The source has a major version we know',
    severity: 'blocking',
    modes: BOTH,
    answers: [],
    decide: ({ source }) => whenKnown([source.server], supportedMajor),
  },
  {
    id: 'source-minor-version',
    title: 'The source is not a release with a known fault in logical decoding',
    severity: 'warning',
    modes: ONLINE,
    answers: ['F47'],
    decide: ({ source }) => whenKnown([source.server], withoutKnownBug),
  },
  {
    id: 'source-same-instance',
    title: 'Every connection reaches the same instance',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F44'],
    decide: ({ source }) => whenKnown([source.endpoint], sameInstance),
  },
  {
    id: 'source-no-pooler',
    title: 'No pooler takes sessions apart',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F44'],
    decide: ({ source }) => whenKnown([source.endpoint], noPooler),
  },
  {
    id: 'source-primary',
    title: 'The source is a primary',
    severity: 'blocking',
    modes: ONLINE,
    answers: [],
    decide: ({ source }) =>
      whenKnown([source.server], ({ inRecovery }) =>
        inRecovery
          ? problem('The source is a standby: publications and the heartbeat table cannot be made there.', 'Give the inventory the address of its primary, or choose `mode: offline`.')
          : ok('The source is not in recovery.'),
      ),
  },
  {
    id: 'source-standby-conflicts',
    title: 'A standby keeps a long snapshot alive',
    severity: 'warning',
    modes: OFFLINE,
    answers: ['F45'],
    decide: ({ source }) =>
      whenKnown([source.server, source.settings], ({ inRecovery }, settings) => {
        if (!inRecovery) return ok('The source is not a standby.');
        if (settings['hot_standby_feedback']?.value === 'on') return ok('hot_standby_feedback is on.');
        return problem('The source is a standby with hot_standby_feedback off: replay may cancel the copy.', 'On the standby: ALTER SYSTEM SET hot_standby_feedback = on; SELECT pg_reload_conf();');
      }),
  },
  {
    id: 'source-maintenance-database',
    title: 'Another database stays open for the cutover',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F61'],
    decide: ({ request: { source } }) =>
      source.maintenanceDatabase === source.database
        ? problem(`The maintenance database of server ${source.server} is ${source.database} itself, which the cutover closes.`, `Set servers.${source.server}.maintenanceDatabase to another database, for example template1.`)
        : ok(`The cutover is steered from database ${source.maintenanceDatabase}.`),
  },
  {
    id: 'source-connections',
    title: 'The source has connections left for the copy',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F60'],
    decide: ({ source, request }) => whenKnown([source.connections], (connections) => limit({ ...connections, needed: connectionsNeeded(request.lanes), what: 'connections', setting: 'max_connections' })),
  },
  {
    id: 'source-lock-table',
    title: 'The lock table holds every relation of the dump',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F59'],
    decide: (facts) => lockTable(facts, 'source'),
  },
  {
    id: 'source-xid-headroom',
    title: 'Transaction ids last through a long snapshot',
    severity: 'warning',
    modes: BOTH,
    answers: ['F45'],
    decide: ({ source }) =>
      whenKnown([source.database], ({ name, xidAge, multixactAge }) => {
        const oldest = Math.max(xidAge, multixactAge);
        const share = Math.round((oldest / XID_END) * 100);
        const evidence = `Database ${name} has used ${share} % of its transaction ids (age ${xidAge}, multixacts ${multixactAge}); vacuum cannot advance while the copy holds its snapshot.`;
        return share < XID_WARN_PERCENT ? ok(evidence) : problem(evidence, 'Run VACUUM (FREEZE) on the oldest tables first: SELECT oid::regclass, age(relfrozenxid) FROM pg_class WHERE relkind = \'r\' ORDER BY 2 DESC LIMIT 20;');
      }),
  },
  {
    id: 'source-leftovers',
    title: 'Nothing of an earlier run is left on the source',
    severity: 'warning',
    modes: BOTH,
    answers: ['F63'],
    decide: ({ source }) =>
      whenKnown([source.leftovers], (names) =>
        whenNone(names, { none: 'Nothing on the source begins with pgconvoy_.', some: `${names.count} things that begin with pgconvoy_ are on the source`, remedy: 'If no run is under way, `pgconvoy migrate abort <run>` removes them.' }),
      ),
  },
  {
    id: 'source-superuser-sessions',
    title: 'No session is beyond our reach at the cutover',
    severity: 'warning',
    modes: BOTH,
    answers: ['F61'],
    decide: ({ source }) =>
      whenKnown([source.role, source.superuserSessions], (role, sessions) => {
        if (role.superuser) return ok('Our role is superuser and can end every session.');
        if (sessions.count === 0) return ok('No superuser is connected to the database.');
        return problem(`${sessions.count} sessions of superusers are connected, which role ${role.name} cannot end: ${listNames(sessions)}.`, 'Let the application connect with a role that is not superuser, or end these sessions before approving the cutover.');
      }),
  },
];

/** Ids wrap at 2^31; the server itself warns at about 98 %, long after a copy of days has become a danger. */
const XID_END = 2 ** 31;
const XID_WARN_PERCENT = 75;
