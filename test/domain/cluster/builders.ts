/** Facts of a healthy cluster, to be changed in one place by each test. */
import { epochOf } from '../../../domain/cluster/epoch.ts';
import type { NodeDeclaration } from '../../../domain/cluster/node.ts';
import type { AgentReport, ControlFacts, ServerState } from '../../../domain/cluster/node-facts.ts';
import type { Observation, Reading } from '../../../domain/cluster/reading.ts';
import type { WalReceiver, WalSender } from '../../../domain/cluster/replication-facts.ts';
import type { Sighting } from '../../../domain/cluster/sighting.ts';
import type { TimelineHistory } from '../../../domain/cluster/timeline.ts';
import { parseLsn, type Lsn } from '../../../domain/lsn.ts';
import type { Settings } from '../../../domain/preflight/server-facts.ts';

export const CLOCK = 'watcher-1';
export const NOW: Reading = { clock: CLOCK, ms: 100_000_000 };
export const ago = (ms: number, clock = CLOCK): Reading => ({ clock, ms: NOW.ms - ms });
export const lsn = (text: string): Lsn => parseLsn(text);
/** A position by its byte offset within the first 4 GiB. */
export const lsnAt = (bytes: number): Lsn => parseLsn(`0/${bytes.toString(16)}`);

export const history = (timeline: number, ...ancestors: readonly (readonly [timeline: number, endLsn: string])[]): TimelineHistory => ({
  timeline,
  ancestors: ancestors.map(([number, end]) => ({ timeline: number, endLsn: lsn(end) })),
});

export const declaration = (name: string, rest: Partial<NodeDeclaration> = {}): NodeDeclaration => ({
  name, role: 'standby', machine: `machine-${name}`, location: 'east', priority: 100, applicationName: name, upstream: 'alfa', applyDelayMs: 0, ...rest,
});

export const settings = (values: Readonly<Record<string, string>>): Settings => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, unit: null }]));

const SETTINGS = settings({
  max_connections: '100', max_worker_processes: '8', max_wal_senders: '10', max_prepared_transactions: '0', max_locks_per_transaction: '64', max_replication_slots: '10',
  wal_level: 'replica', hot_standby: 'on', full_page_writes: 'on', wal_log_hints: 'on', archive_mode: 'off', archive_command: '', restore_command: '',
  synchronous_standby_names: '', synchronous_commit: 'on', recovery_min_apply_delay: '0', recovery_target_timeline: 'latest', wal_sender_timeout: '60000',
  shared_preload_libraries: '', primary_conninfo: '', server_version: '15.18',
});

export const control = (rest: Partial<ControlFacts> = {}): ControlFacts => ({
  systemIdentifier: '7311', state: 'in archive recovery', timeline: 1, checkpointLsn: lsn('0/2000000'), redoLsn: lsn('0/2000000'), walLogHints: true, dataChecksums: false, fullPageWrites: true, ...rest,
});

export const receiver = (rest: Partial<WalReceiver> = {}): WalReceiver => ({ status: 'streaming', senderHost: 'alfa.example', senderPort: 5432, slot: 'pgconvoy_bravo', timeline: 1, lastMessageAgeMs: 100, ...rest });

export const sender = (applicationName: string, rest: Partial<WalSender> = {}): WalSender => ({
  applicationName, state: 'streaming', sentLsn: lsn('0/3000000'), flushLsn: lsn('0/3000000'), replayLsn: lsn('0/3000000'), syncState: 'async', replyAgeMs: 100, ...rest,
});

export const server = (rest: Partial<ServerState> = {}, changed: Readonly<Record<string, string>> = {}): ServerState => ({
  version: '15.18', major: 15, inRecovery: true, timeline: 1, writeLsn: null, receiveLsn: lsn('0/3000000'), replayLsn: lsn('0/3000000'), replayPaused: false, receiver: null,
  senders: [], physicalSlots: [], logicalSlots: [], archiver: { readyFiles: 0, failing: false }, preparedTransactions: [], ...rest, settings: { ...SETTINGS, ...settings(changed), ...rest.settings },
});

export const primaryServer = (rest: Partial<ServerState> = {}, changed: Readonly<Record<string, string>> = {}): ServerState =>
  server({ inRecovery: false, writeLsn: lsn('0/3000000'), receiveLsn: null, replayLsn: null, senders: [sender('bravo'), sender('charlie')], ...rest }, changed);

export const report = (node: string, rest: Partial<AgentReport> = {}): AgentReport => ({
  node, epoch: epochOf(1), destructiveStep: null, tombstone: false, process: { postmaster: 'running', children: 6 },
  control: { ok: control() }, server: { ok: server() }, walDiskFreeBytes: { ok: 2 ** 34 }, ...rest,
});

export const said = <T>(observer: string, value: T, ageMs = 100): Observation<T> => ({ observer, askedAt: ago(ageMs), value });

export const FAILED = { failed: { code: 'server_unreachable', message: 'could not connect' } } as const;

export const sighting = (rest: Partial<Sighting> = {}): Sighting => ({ subject: 'alfa', answer: 'serving', nameResolves: true, receiverAgeMs: null, reaches: ['bravo', 'charlie', 'witness'], ...rest });
