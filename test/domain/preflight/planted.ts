import type { Fact } from '../../../domain/preflight/fact.ts';
import type { PreflightFacts } from '../../../domain/preflight/facts.ts';
import type { TableIdentity } from '../../../domain/preflight/identity.ts';
import { heapTable } from './healthy-facts.ts';

/** Facts that a test may change in place. */
type Writable<T> = T extends string | number | boolean | null | undefined ? T : { -readonly [K in keyof T]: Writable<T[K]> };
type Facts = Writable<PreflightFacts>;

const known = <T>(fact: Fact<T> | Writable<Fact<T>>): Writable<T> => (fact as { ok: Writable<T> }).ok;
const some = (...first: string[]) => ({ count: first.length, first });
const tables = (table: TableIdentity) => ({ ok: [table] }) as Facts['source']['tablesWithoutKey'];
const blocker = { pid: 42, user: 'app', ageSeconds: 4000, query: 'SELECT 1' };

/** For each rule the smallest change that makes it find a problem; rules that only ever say "look yourself" are `null`. */
export const PLANTED: Readonly<Record<string, ((facts: Facts) => void) | null>> = {
  'source-reachable': ({ source }) => void (source.server = { failed: { code: 'server_unreachable', message: 'could not connect' } }),
  'source-version': ({ source }) => void (known(source.server).major = 10),
  'source-minor-version': ({ source }) => void (known(source.server).version = '17.5'),
  'source-same-instance': ({ source }) => void (known(source.endpoint).instances[1]!.startedAt = 'b'),
  'source-no-pooler': ({ source }) => void (known(source.endpoint).sessionKept = false),
  'source-primary': ({ source }) => void (known(source.server).inRecovery = true),
  'source-standby-conflicts': ({ source }) => void (known(source.server).inRecovery = true),
  'source-maintenance-database': ({ request }) => void (request.source.maintenanceDatabase = 'shop'),
  'source-connections': ({ source }) => void (known(source.connections).free = 7),
  'source-lock-table': ({ source }) => void (known(source.objects).relations = 6400),
  'source-xid-headroom': ({ source }) => void (known(source.database).xidAge = 1.7e9),
  'source-leftovers': ({ source }) => void (known(source.leftovers).count = 1),
  'source-superuser-sessions': ({ source }) => void (source.superuserSessions = { ok: some('pid 7 of postgres') }),
  'source-wal-level': ({ source }) => void (known(source.settings)['wal_level']!.value = 'replica'),
  'source-free-slots': ({ source }) => void (known(source.slots).used = 10),
  'source-spare-slot': ({ source }) => void (known(source.slots).used = 9),
  'source-free-walsenders': ({ source }) => void (known(source.slots).walsenders = 9),
  'source-trial-slot': ({ source }) => void (source.trialSlot = { ok: { outcome: 'waited', waitedSeconds: 10, blockers: [blocker] } }),
  'source-long-transactions': ({ source }) => void (source.longTransactions = { ok: [blocker] }),
  'source-prepared-transactions': ({ source }) => void (source.preparedTransactions = { ok: [{ ...blocker, pid: 0 }] }),
  'source-slot-wal-limit': ({ source }) => void (known(source.settings)['max_slot_wal_keep_size']!.value = '16'),
  'source-idle-slot-timeout': ({ source }) => void (known(source.settings)['idle_replication_slot_timeout']!.value = '60'),
  'source-wal-on-disk': null,
  'source-idle-slots': ({ source }) => void (known(source.slots).idle = some('old (1.0 GB of log held)')),
  'source-wal-sender-timeout': ({ source }) => void (known(source.settings)['wal_sender_timeout']!.value = '5000'),
  'source-decoding-memory': ({ source }) => void (known(source.settings)['logical_decoding_work_mem']!.value = '64'),
  'source-replication-role': ({ source }) => void (known(source.role).replication = false),
  'source-create-rights': ({ source }) => void (known(source.database).mayCreate = false),
  'source-table-owner': ({ source }) => void (known(source.rights).notOwnedTables = some('public.film')),
  'source-fence-ownership': ({ source }) => void (known(source.database).owned = false),
  'source-fence-signal': ({ source }) => void (known(source.role).signalBackend = false),
  'source-table-privileges': ({ source }) => void (known(source.rights).unreadableTables = some('public.film')),
  'source-sequence-privileges': ({ source }) => void (known(source.rights).unreadableSequences = some('public.film_id_seq')),
  'source-large-object-privileges': ({ source }) => void (known(source.rights).unreadableLargeObjects = 3),
  'source-row-security': ({ source }) => {
    known(source.rights).rowSecurity = some('public.film');
    known(source.role).bypassRls = false;
  },
  'table-identity': ({ source }) => void (source.tablesWithoutKey = tables(heapTable())),
  'table-identity-lost': ({ source }) => void (source.tablesWithoutKey = tables(heapTable({ replicaIdentity: 'nothing' }))),
  'table-identity-deferrable': ({ source }) => void (source.tablesWithoutKey = tables(heapTable({ deferrableKey: true }))),
  'full-identity-types': ({ source }) => void (source.tablesWithoutKey = tables(heapTable({ replicaIdentity: 'full', incomparable: ['doc json'] }))),
  'full-identity-cost': ({ source }) => void (source.tablesWithoutKey = tables(heapTable({ replicaIdentity: 'full', bytes: 1e9, changes: 5 }))),
  'unlogged-size': ({ source }) => void (known(source.objects).unloggedBytes = 2 ** 30),
  'unlogged-tables': ({ source }) => void (known(source.objects).unlogged = some('public.cache')),
  'firing-triggers': ({ source }) => void (known(source.objects).firingTriggers = some('audit on public.film')),
  'invalid-indexes': ({ source }) => void (known(source.objects).invalidIndexes = some('public.film_idx')),
  'not-valid-constraints': ({ source }) => void (known(source.objects).notValidConstraints = some('positive on public.film')),
  'foreign-tables': ({ source }) => void (known(source.objects).foreignTables = some('public.far')),
  'user-mappings': ({ source }) => void (known(source.objects).userMappings = some('app on far')),
  'generated-columns': ({ source }) => void (known(source.objects).generatedColumns = some('public.film')),
  'identity-always-columns': ({ source }) => void (known(source.objects).identityAlways = some('public.film')),
  'partitioned-tables': ({ source }) => void (known(source.objects).partitioned = some('public.payment')),
  'truncate-cascade': ({ source }) => void (known(source.objects).partitionedKeys = some('fk of public.payment to film')),
  'inherited-tables': ({ source }) => void (known(source.objects).inherited = some('public.payment')),
  'clashing-names': ({ source }) => void (known(source.objects).clashingNames = some('public.Film', 'public.film')),
  'materialized-views': ({ source }) => void (known(source.objects).materializedViews = some('public.totals')),
  'large-objects': ({ source }) => void (known(source.objects).largeObjects = 3),
  'decodable-extensions': ({ source }) => void known(source.catalog).extensions.push({ name: 'timescaledb', version: '2.1' }),
  'table-access-methods': ({ source }) => void (known(source.catalog).accessMethods = some('public.film (columnar)')),
  'search-path-functions': ({ source }) => void (known(source.catalog).searchPathFunctions = some('public.slug')),
  tablespaces: ({ source }) => void (known(source.catalog).tablespaces = some('public.film')),
  'security-labels': ({ source }) => void (known(source.catalog).securityLabels = some('table public.film')),
  'custom-objects': ({ source }) => void (known(source.catalog).customObjects = some('cast to public.rating')),
  'extension-rows': ({ source }) => void (known(source.catalog).extensionRows = some('postgis: public.spatial_ref_sys')),
  'source-event-triggers': ({ source }) => void (known(source.catalog).eventTriggers = some('no_ddl')),
  'source-publish-all': ({ source }) => void (known(source.catalog).publishAll = some('everything')),
  'source-subscriptions': ({ source }) => void (known(source.catalog).subscriptions = some('feed')),
  'target-reachable': ({ target }) => void (target.server = { failed: { code: 'server_unreachable', message: 'could not connect' } }),
  'target-version': ({ target }) => void Object.assign(known(target.server), { version: '14.1', major: 14 }),
  'target-minor-version': ({ target }) => void (known(target.server).version = '16.9'),
  'target-same-instance': ({ target }) => void (known(target.endpoint).instances[0]!.systemIdentifier = '9'),
  'target-no-pooler': ({ target }) => void (known(target.endpoint).sessionKept = false),
  'target-writable': ({ target }) => void (known(target.settings)['default_transaction_read_only']!.value = 'on'),
  'target-is-another-database': ({ target }) => void (known(target.server).systemIdentifier = '1'),
  'target-connections': ({ target }) => void (known(target.connections).free = 0),
  'target-lock-table': ({ source }) => void (known(source.objects).relations = 6400),
  'target-origins': ({ target }) => void (known(target.replicationUsed).origins = 10),
  'target-logical-workers': ({ target }) => void (known(target.replicationUsed).logicalWorkers = 4),
  'target-worker-processes': ({ target }) => void (known(target.replicationUsed).backgroundWorkers = 8),
  'target-receiver-timeout': ({ target }) => void (known(target.settings)['wal_receiver_timeout']!.value = '1000'),
  'target-timeouts': ({ target }) => void (target.timeouts = { ok: some('lock_timeout = 100 (ms)') }),
  'target-storage': null,
  'target-parameters': ({ target }) => void (known(target.settings)['DateStyle']!.value = 'German, DMY'),
  'target-max-wal-size': ({ target }) => void (known(target.settings)['max_wal_size']!.value = '1024'),
  'target-create-rights': ({ target }) => void (known(target.database)!.mayCreate = false),
  'target-database-owner': ({ target }) => void (known(target.database)!.owned = false),
  'target-subscription-rights': ({ target }) => void (known(target.role).createSubscription = false),
  'target-replication-role': ({ target }) => void (target.maySetReplicationRole = { ok: false }),
  'target-empty': ({ target }) => void (target.present = { ok: some('public.film') }),
  'target-leftovers': ({ target }) => void (target.leftovers = { ok: some('schema pgconvoy_x') }),
  'target-database-settings': ({ target }) => void (target.databaseSettings = { ok: [] }),
  'target-encoding': ({ source }) => void (known(source.database).encoding = 'SQL_ASCII'),
  'target-locale': ({ source }) => void (known(source.database).collate = 'de_DE.utf8'),
  'target-collations': ({ target }) => void (target.collations = { ok: [] }),
  'target-extensions': ({ target }) => void (target.extensions = { ok: [] }),
  'target-extension-versions': ({ target }) => void (known(target.extensions)[0]!.versions = ['1.9']),
  'target-extensions-allowed': ({ request, target }) => {
    request.target.provider = 'azure';
    known(target.settings)['azure.extensions'] = { value: 'pg_trgm', unit: null };
  },
  'target-preload': ({ source }) => void known(source.catalog).extensions.push({ name: 'pg_cron', version: '1.6' }),
  'target-roles': ({ target }) => {
    target.roles = { ok: [] };
    known(target.role).createRole = false;
  },
  'target-role-membership': ({ target }) => void (known(target.roles)[0]!.assignable = false),
  'target-grantors': ({ source }) => void known(source.catalog).grantors.push('reader'),
  'target-public-schema': ({ target }) => {
    known(target.roles)[0]!.createsInPublic = false;
    target.mayGrantInPublic = { ok: false };
  },
  'mapped-roles': ({ request }) => void (request.roles = { Shop: 'shop' }),
  'mapped-superusers': ({ request, source }) => {
    request.roles = { postgres: 'shop' };
    known(source.catalog).ownedBySuperusers.push({ name: 'event trigger no_ddl', owner: 'postgres' });
  },
  'roles-in-rows': ({ request, source }) => {
    request.roles = { shop: 'reader' };
    known(source.catalog).roleColumns = some('public.film.reviewer');
  },
  'target-role-passwords': ({ target }) => void (known(target.roles)[0]!.loginWithoutPassword = true),
  'target-untrusted-objects': ({ source }) => void (known(source.catalog).untrustedFunctions = some('public.fast (c)')),
  'target-reaches-source': ({ path }) => void (path.targetReachesSource = { ok: { outcome: 'refused', address: 'old:5432', reason: 'connection refused' } }),
  'client-tools': ({ request }) => void (request.clientMajor = 17),
  'source-link': ({ path }) => void (known(path.source).roundTripSeconds = 0.3),
  'target-link': ({ path }) => void (known(path.target).roundTripSeconds = 0.3),
  'pooler-console': ({ path }) => void (known(path.poolerConsole)!.admin = false),
  'pooler-entry': ({ path }) => void (known(path.poolerConsole)!.entry = null),
  'pooler-source': ({ path }) => void (known(path.poolerConsole)!.entry!.port = 5433),
  'pooler-mode': ({ path }) => void (known(path.poolerConsole)!.poolModes = ['transaction', 'session']),
  'pooler-wait': ({ path }) => void (known(path.poolerConsole)!.queryWaitSeconds = 30),
  'pooler-file': ({ path }) => void (known(path.poolerFile)!.writable = false),
  'copy-time': ({ source }) => void (known(source.database).bytes = 1e14),
};
