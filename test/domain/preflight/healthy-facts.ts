import type { PreflightFacts } from '../../../domain/preflight/facts.ts';
import type { TableIdentity } from '../../../domain/preflight/identity.ts';
import type { DatabaseFacts, EndpointProof, RoleFacts, ServerFacts, Settings } from '../../../domain/preflight/server-facts.ts';

const none = { count: 0, first: [] } as const;
const setting = (value: string, unit: string | null = null) => ({ value, unit });

const server = (version: string, systemIdentifier: string): ServerFacts => ({ version, major: Number.parseInt(version, 10), tls: 'TLSv1.3', inRecovery: false, systemIdentifier, startedAt: '2026-01-01' });
const role: RoleFacts = { name: 'mover', superuser: false, replication: true, createDb: true, createRole: true, bypassRls: true, readAllStats: true, signalBackend: true, createSubscription: true };
const database: DatabaseFacts = { name: 'shop', encoding: 'UTF8', collate: 'C.UTF-8', ctype: 'C.UTF-8', provider: 'libc', owner: 'shop', owned: true, mayCreate: true, bytes: 2e9, xidAge: 1_000, multixactAge: 1 };
const endpoint: EndpointProof = { instances: [{ systemIdentifier: '1', startedAt: 'a' }, { systemIdentifier: '1', startedAt: 'a' }], sessionKept: true };
const settings: Settings = {
  wal_level: setting('logical'),
  max_replication_slots: setting('10'),
  max_wal_senders: setting('10'),
  max_connections: setting('100'),
  max_locks_per_transaction: setting('64'),
  max_prepared_transactions: setting('0'),
  max_slot_wal_keep_size: setting('-1', 'MB'),
  idle_replication_slot_timeout: setting('0', 's'),
  wal_sender_timeout: setting('60000', 'ms'),
  wal_receiver_timeout: setting('60000', 'ms'),
  logical_decoding_work_mem: setting('65536', 'kB'),
  max_logical_replication_workers: setting('4'),
  max_worker_processes: setting('8'),
  max_wal_size: setting('20480', 'MB'),
  hot_standby_feedback: setting('off'),
  default_transaction_read_only: setting('off'),
  shared_preload_libraries: setting('pg_stat_statements'),
  DateStyle: setting('ISO, MDY'),
};

/** A table with nothing to address its rows by. */
export const heapTable = (fields: Partial<TableIdentity> = {}): TableIdentity => ({
  schema: 'public',
  table: 'log',
  replicaIdentity: 'default',
  hasKey: false,
  deferrableKey: false,
  usableIndex: null,
  incomparable: [],
  bytes: 8192,
  changes: 0,
  ...fields,
});

/** Two servers with which nothing is wrong, anew for each test. */
export function healthyFacts(mode: 'online' | 'offline' = 'online'): PreflightFacts {
  return {
    request: {
      mode,
      source: { server: 'old', database: 'shop', maintenanceDatabase: 'postgres', provider: 'self-managed' },
      target: { server: 'new', database: 'shop', provider: 'self-managed' },
      noIdentity: {},
      owners: true,
      privileges: true,
      roles: {},
      lanes: 4,
      cutoverBudgetMs: 10_000,
      clientMajor: 18,
    },
    source: {
      server: { ok: server('15.18', '1') },
      role: { ok: structuredClone(role) },
      settings: { ok: structuredClone(settings) },
      database: { ok: structuredClone(database) },
      connections: { ok: { max: 100, used: 5, free: 90 } },
      endpoint: { ok: structuredClone(endpoint) },
      slots: { ok: { used: 0, walsenders: 0, idle: none } },
      trialSlot: { ok: { outcome: 'created', waitedSeconds: 0.01 } },
      longTransactions: { ok: [] },
      preparedTransactions: { ok: [] },
      walBytesPerSecond: { ok: 1e6 },
      superuserSessions: { ok: { ...none } },
      leftovers: { ok: { ...none } },
      rights: { ok: { unreadableTables: none, unreadableSequences: none, unreadableLargeObjects: 0, rowSecurity: none, notOwnedTables: none } },
      tablesWithoutKey: { ok: [] },
      objects: {
        ok: {
          tables: 3, relations: 5, sequences: 1, largeObjects: 0, unlogged: none, unloggedBytes: 0, generatedColumns: none, identityAlways: none, partitioned: none, partitionedKeys: none, inherited: none,
          clashingNames: none, foreignTables: none, userMappings: none, firingTriggers: none, invalidIndexes: none, notValidConstraints: none, materializedViews: none,
        },
      },
      catalog: {
        ok: {
          extensions: [{ name: 'hstore', version: '1.8' }], collations: ['pg_catalog.de_DE'], customObjects: none, tablespaces: none, securityLabels: none, searchPathFunctions: none,
          accessMethods: none, eventTriggers: none, untrustedFunctions: none, publishAll: none, subscriptions: none, owners: ['shop'], grantees: ['reader'], ownersInPublic: ['shop'],
          grantors: [], defaultGrantors: ['shop'], ownedBySuperusers: [], roleColumns: none, extensionRows: none, databaseSettings: [{ role: null, setting: 'work_mem=5MB' }],
        },
      },
    },
    target: {
      server: { ok: server('18.4', '2') },
      role: { ok: structuredClone(role) },
      settings: { ok: structuredClone(settings) },
      database: { ok: structuredClone(database) },
      connections: { ok: { max: 100, used: 5, free: 90 } },
      endpoint: { ok: structuredClone(endpoint) },
      present: { ok: { ...none } },
      leftovers: { ok: { ...none } },
      replicationUsed: { ok: { origins: 0, logicalWorkers: 0, backgroundWorkers: 1 } },
      extensions: { ok: [{ name: 'hstore', versions: ['1.8'] }] },
      collations: { ok: ['pg_catalog.de_DE'] },
      roles: { ok: ['shop', 'reader'].map((name) => ({ name, superuser: false, assignable: true, createsInPublic: true, loginWithoutPassword: false })) },
      mayGrantInPublic: { ok: true },
      databaseSettings: { ok: [{ role: null, setting: 'work_mem=5MB' }] },
      maySetReplicationRole: { ok: true },
      timeouts: { ok: { ...none } },
    },
    path: {
      targetReachesSource: { ok: { outcome: 'reached', address: 'old:5432', seconds: 0.02 } },
      source: { ok: { roundTripSeconds: 0.001, bytesPerSecond: 1e8 } },
      target: { ok: { roundTripSeconds: 0.001, bytesPerSecond: 1e8 } },
      poolerConsole: {
        ok: {
          place: 'pool:6432', user: 'mover', admin: true, entry: { name: 'shop', host: 'old', port: 5432, database: 'shop', paused: false },
          source: { host: 'old', port: 5432 }, poolModes: ['transaction'], queryWaitSeconds: 120,
        },
      },
      poolerFile: { ok: { path: '/etc/pgbouncer/pgbouncer.ini', absolute: true, writable: true, hasEntry: true } },
    },
  };
}
