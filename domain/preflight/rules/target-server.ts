import { showBytes } from '../amounts.ts';
import { counted, listNames, namesOf } from '../fact.ts';
import { BOTH, ONLINE, ok, problem, unknown, whenKnown, whenNone, type Outcome, type Rule } from '../rule.ts';
import { settingNumber, type Settings } from '../server-facts.ts';
import { connectionsNeeded, limit, lockTable, noPooler, notReached, patience, pool, reached, sameInstance, supportedMajor, withoutKnownBug } from './server-rules.ts';

/** The server we write to, before any object. */
export const targetServerRules: readonly Rule[] = [
  {
    id: 'target-reachable',
    title: 'The target answers',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F60'],
    decide: ({ target }) => ('failed' in target.server ? notReached(target.server.failed) : reached(target.server.ok)),
  },
  {
    id: 'target-version',
    title: 'The target is not older than the source',
    severity: 'blocking',
    modes: BOTH,
    answers: [],
    decide: ({ source, target }) =>
      whenKnown([source.server, target.server], (from, to) => {
        if (to.major < from.major) return problem(`The source is PostgreSQL ${from.version}, the target ${to.version}.`, `Choose a target of major ${from.major} or newer.`);
        return supportedMajor(to);
      }),
  },
  {
    id: 'target-minor-version',
    title: 'The target is not a release with a known fault in logical decoding',
    severity: 'information',
    modes: ONLINE,
    answers: ['F47'],
    decide: ({ target }) => whenKnown([target.server], withoutKnownBug),
  },
  {
    id: 'target-same-instance',
    title: 'Every connection to the target reaches the same instance',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F44'],
    decide: ({ target }) => whenKnown([target.endpoint], sameInstance),
  },
  {
    id: 'target-no-pooler',
    title: 'No pooler takes sessions on the target apart',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F44'],
    decide: ({ target }) => whenKnown([target.endpoint], noPooler),
  },
  {
    id: 'target-writable',
    title: 'The target takes writes',
    severity: 'blocking',
    modes: BOTH,
    answers: [],
    decide: ({ target }) =>
      whenKnown([target.server, target.settings], ({ inRecovery }, settings) => {
        if (inRecovery) return problem('The target is a standby.', 'Give the inventory the address of its primary.');
        if (settings['default_transaction_read_only']?.value === 'on') {
          return problem('default_transaction_read_only is on.', 'ALTER DATABASE <name> RESET default_transaction_read_only; or the same for the role or the server.');
        }
        return ok('The target is a primary and takes writes.');
      }),
  },
  {
    id: 'target-is-another-database',
    title: 'Source and target are not one database',
    severity: 'blocking',
    modes: BOTH,
    answers: [],
    decide: ({ source, target, request }) =>
      whenKnown([source.server, target.server], (from, to) =>
        from.systemIdentifier === to.systemIdentifier && request.source.database === request.target.database
          ? problem(`Both are database ${request.source.database} of the cluster ${from.systemIdentifier}.`, 'Correct `target` or `targetDatabase` of the migration.')
          : ok('Source and target are two databases.'),
      ),
  },
  {
    id: 'target-connections',
    title: 'The target has connections left for the copy',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F60'],
    decide: ({ target, request }) => whenKnown([target.connections], (connections) => limit({ ...connections, needed: connectionsNeeded(request.lanes), what: 'connections', setting: 'max_connections' })),
  },
  {
    id: 'target-lock-table',
    title: 'The lock table of the target holds every relation',
    severity: 'blocking',
    modes: BOTH,
    answers: ['F58', 'F59'],
    decide: (facts) => lockTable(facts, 'target'),
  },
  {
    id: 'target-origins',
    title: 'A replication origin is free',
    severity: 'blocking',
    modes: ONLINE,
    answers: ['F49'],
    decide: ({ target }) =>
      whenKnown([target.settings, target.replicationUsed], (settings, { origins }) =>
        pool(settings, { setting: 'max_active_replication_origins' in settings ? 'max_active_replication_origins' : 'max_replication_slots', used: origins, needed: 1, what: 'replication origins' }),
      ),
  },
  {
    id: 'target-logical-workers',
    title: 'A logical replication worker is free',
    severity: 'blocking',
    modes: ONLINE,
    answers: ['F49'],
    decide: ({ target }) => whenKnown([target.settings, target.replicationUsed], (settings, { logicalWorkers }) => pool(settings, { setting: 'max_logical_replication_workers', used: logicalWorkers, needed: 1, what: 'logical replication workers' })),
  },
  {
    id: 'target-worker-processes',
    title: 'A background worker is free for the subscription',
    severity: 'blocking',
    modes: ONLINE,
    answers: ['F49'],
    decide: ({ target }) => whenKnown([target.settings, target.replicationUsed], (settings, { backgroundWorkers }) => pool(settings, { setting: 'max_worker_processes', used: backgroundWorkers, needed: 1, what: 'worker processes' })),
  },
  {
    id: 'target-receiver-timeout',
    title: 'A busy source is not given up',
    severity: 'warning',
    modes: ONLINE,
    answers: ['F48'],
    decide: ({ target }) => whenKnown([target.settings], (settings) => patience(settings, 'wal_receiver_timeout')),
  },
  {
    id: 'target-timeouts',
    title: 'No time-out is prescribed for our role or the database',
    severity: 'warning',
    modes: BOTH,
    answers: ['F60'],
    decide: ({ target }) =>
      whenKnown([target.timeouts], (timeouts) =>
        whenNone(timeouts, {
          none: 'No time-out is prescribed by ALTER ROLE or ALTER DATABASE.',
          some: `${counted(timeouts.count, 'time-out')} that also the subscription's worker obeys`,
          remedy: 'ALTER ROLE <role> RESET <setting>; or ALTER DATABASE <name> RESET <setting>; until the migration is committed.',
        }),
      ),
  },
  {
    id: 'target-storage',
    title: 'The target has room for the data',
    severity: 'warning',
    modes: BOTH,
    answers: ['F60'],
    decide: ({ source }) =>
      whenKnown([source.database], ({ bytes }) =>
        unknown(
          `PostgreSQL does not tell the free space of its disk; the source takes ${showBytes(bytes)}.`,
          `Look that the target's disk has at least ${showBytes(bytes * STORAGE_FACTOR)} free: the data, the log of the load and the sort files of index builds.`,
        ),
      ),
  },
  {
    id: 'target-parameters',
    title: 'Settings that change results are the same',
    severity: 'information',
    modes: BOTH,
    answers: [],
    decide: ({ source, target }) => whenKnown([source.settings, target.settings], compareSettings),
  },
  {
    id: 'target-max-wal-size',
    title: 'The load is not slowed by checkpoints',
    severity: 'information',
    modes: BOTH,
    answers: [],
    decide: ({ target }) =>
      whenKnown([target.settings], (settings) => {
        const gigabytes = (settingNumber(settings, 'max_wal_size') ?? 0) / 1024;
        const evidence = `max_wal_size is ${gigabytes.toFixed(1)} GB.`;
        return gigabytes >= 4 ? ok(evidence) : problem(evidence, "For a large load: ALTER SYSTEM SET max_wal_size = '20GB'; SELECT pg_reload_conf(); fewer checkpoints come in between.");
      }),
  },
];

/** Azure's own rule for a migration target; a quarter more than the data covers log and sort files. */
const STORAGE_FACTOR = 1.25;

/** What changes the meaning or look of results for an application that relies on the server's default. */
const COMPARED = ['DateStyle', 'IntervalStyle', 'TimeZone', 'default_text_search_config', 'standard_conforming_strings', 'bytea_output', 'array_nulls', 'xmloption', 'lc_monetary', 'lc_numeric', 'lc_time', 'default_transaction_isolation', 'max_identifier_length', 'block_size'];

function compareSettings(source: Settings, target: Settings): Outcome {
  const different = COMPARED.filter((name) => source[name] && target[name] && source[name].value !== target[name].value);
  if (different.length === 0) return ok(`${COMPARED.length} settings were compared.`);
  const names = namesOf(different.map((name) => `${name} (${source[name]?.value} → ${target[name]?.value})`));
  return problem(`${counted(different.length, 'setting')} differ: ${listNames(names)}.`, 'ALTER DATABASE <name> SET <setting> = <value>; on the target where the application relies on it.');
}
