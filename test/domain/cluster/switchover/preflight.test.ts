import { describe, expect, it } from 'vitest';
import type { NodeDeclaration } from '../../../../domain/cluster/node.ts';
import type { AgentReport, ServerState } from '../../../../domain/cluster/node-facts.ts';
import { judgeSwitchover, SWITCHOVER_CHECKS } from '../../../../domain/cluster/switchover/preflight.ts';
import type { LoadFacts, SwitchoverFacts } from '../../../../domain/cluster/switchover/facts.ts';
import { control, declaration, FAILED, lsn, NOW, primaryServer, receiver, report, said, sender, server } from '../builders.ts';

interface Change {
  readonly primary?: Partial<ServerState>;
  readonly primarySettings?: Readonly<Record<string, string>>;
  readonly primaryReport?: Partial<AgentReport>;
  readonly candidate?: Partial<ServerState>;
  readonly candidateSettings?: Readonly<Record<string, string>>;
  readonly candidateReport?: Partial<AgentReport>;
  readonly declared?: Partial<NodeDeclaration>;
  readonly load?: Partial<LoadFacts>;
  readonly facts?: Partial<SwitchoverFacts>;
}

const LOAD: LoadFacts = { oldestTransactionMs: 0, oldestTransactionOf: null, backups: [], dirtyBytes: 0, sessionStates: [] };
const LIMITS: SwitchoverFacts['limits'] = { freshMs: 3000, lagBytes: 0x1000, coolDownMs: 1_200_000, readyFiles: 2, drainMs: 1000, senderSilenceMs: 5000 };
const DONE = { ok: { outcome: 'done' } } as const;
const REFUSED = { ok: { outcome: 'refused', reason: 'no pg_hba.conf entry' } } as const;

const facts = ({ primary, primarySettings, primaryReport, candidate, candidateSettings, candidateReport, declared, load, facts: rest }: Change = {}): SwitchoverFacts => ({
  primary: { declaration: declaration('alfa', { role: 'primary', upstream: null }), report: said('alfa', report('alfa', { server: { ok: primaryServer(primary, primarySettings) }, ...primaryReport })) },
  candidate: { declaration: declaration('bravo', declared), report: said('bravo', report('bravo', { server: { ok: server({ receiver: receiver(), ...candidate }, candidateSettings) }, ...candidateReport })) },
  siblings: [{ declaration: declaration('charlie'), report: said('charlie', report('charlie')) }],
  load: { ok: { ...LOAD, ...load } }, route: { kind: 'pooler', poolMode: 'transaction' }, replicationLogin: DONE, applicationLogin: DONE, configurationOwned: DONE,
  restoreCommandMs: { ok: null }, routeSwitchMs: { ok: 8 }, otherOperation: null, lastRoleChangeMs: null, limits: LIMITS, now: NOW, ...rest,
});

const stateOf = (change: Change): Record<string, string> => Object.fromEntries(judgeSwitchover(facts(change)).checks.filter(({ state }) => state !== 'ok').map(({ id, state }) => [id, state]));

/** For each check one change that makes it, and only it, a problem. */
const PROBLEMS: readonly (readonly [id: string, change: Change])[] = [
  ['roles', { primary: { inRecovery: true } }],
  ['roles', { candidate: { inRecovery: false } }],
  ['same-system', { candidateReport: { control: { ok: control({ systemIdentifier: '9' }) } } }],
  ['same-system', { candidate: { timeline: 2 } }],
  ['same-minor', { candidate: { version: '15.17' } }],
  ['same-version', { candidate: { major: 16 } }],
  ['promotable-by-sql', { primary: { major: 11 }, candidate: { major: 11 } }],
  ['streams-directly', { candidate: { receiver: null } }],
  ['streams-directly', { primary: { senders: [sender('charlie')] } }],
  ['streams-directly', { primary: { senders: [sender('bravo', { state: 'catchup' })] } }],
  ['lag', { candidate: { replayLsn: lsn('0/2FFEFFF') } }],
  ['replays', { candidate: { replayPaused: true } }],
  ['replays', { declared: { applyDelayMs: 5 } }],
  ['replays', { candidateSettings: { recovery_min_apply_delay: '5' } }],
  ['electable', { declared: { priority: 0 } }],
  ['electable', { candidateReport: { destructiveStep: 'rejoin/7' } }],
  ['parity', { candidateSettings: { wal_log_hints: 'off' } }],
  ['parity', { candidateSettings: { max_connections: '101' } }],
  ['free-walsenders', { candidateSettings: { max_wal_senders: '2' }, primarySettings: { max_wal_senders: '2' } }],
  ['free-walsenders', { candidateSettings: { max_replication_slots: '2' } }],
  ['received-what-was-confirmed', { primary: { senders: [sender('bravo'), sender('charlie', { flushLsn: lsn('0/3000001') })] } }],
  ['no-backup', { load: { backups: ['pgbackrest shop'] } }],
  ['archiver', { primary: { archiver: { readyFiles: 3, failing: false } }, ...archiving() }],
  ['archiver', { primary: { archiver: { readyFiles: 0, failing: true } }, ...archiving() }],
  ['archive-command', archiving('cp %p /archive/%f')],
  ['followers-move', { primary: { senders: [sender('bravo'), sender('charlie', { replyAgeMs: 5001 })] } }],
  ['followers-move', { primary: { senders: [sender('bravo'), sender('charlie', { replyAgeMs: null })] } }],
  ['oldest-transaction', { load: { oldestTransactionMs: 1001 } }],
  ['prepared-transactions', { primary: { preparedTransactions: ['order-7'] } }],
  ['logical-slots', { primary: { logicalSlots: [{ name: 'debezium', database: 'shop', failover: false, synced: false }] } }],
  ['logical-slots', { primary: { logicalSlots: [{ name: 'debezium', database: 'shop', failover: true, synced: false }] } }],
  ['rewindable', { primaryReport: { control: { ok: control({ walLogHints: false }) } } }],
  ['rewindable', { primaryReport: { control: { ok: control({ fullPageWrites: false }) } } }],
  ['session-state', { load: { sessionStates: ['pid 7 holds an advisory lock'] } }],
  ['replication-login', { facts: { replicationLogin: REFUSED } }],
  ['application-login', { facts: { applicationLogin: REFUSED } }],
  ['configuration', { facts: { configurationOwned: REFUSED } }],
  ['restore-command', { facts: { restoreCommandMs: { ok: 21 } } }],
  ['siblings', { facts: { siblings: [{ declaration: declaration('charlie'), report: null }] } }],
  ['nobody-else', { facts: { otherOperation: 'backup/shop' } }],
  ['cool-down', { facts: { lastRoleChangeMs: 1_199_999 } }],
];

function archiving(archive_command = 'pgbackrest archive-push %p'): Change {
  const settings = { archive_mode: 'on', archive_command };
  return { primarySettings: settings, candidateSettings: settings };
}

describe('the preflight of a switchover', () => {
  it('finds nothing in a healthy cluster', () => {
    expect(stateOf({})).toEqual({});
    expect(judgeSwitchover(facts())).toMatchObject({ canProceed: true });
  });

  it.each(PROBLEMS)('has a problem with %s', (id, change) => {
    expect(stateOf(change)).toEqual({ [id]: 'problem' });
    const severity = SWITCHOVER_CHECKS.find((check) => check.id === id)?.severity;
    expect(judgeSwitchover(facts(change)).canProceed).toBe(severity !== 'blocking');
    expect(judgeSwitchover(facts(change)).checks.find((check) => check.id === id)?.remedy).toBeTruthy();
  });

  it('has a case above for every check that can find a problem', () => {
    expect(SWITCHOVER_CHECKS.map(({ id }) => id).filter((id) => !PROBLEMS.some(([named]) => named === id))).toEqual(['route']);
  });

  it('lets logical slots pass that 17 has carried over', () => {
    const slot = { name: 'debezium', database: 'shop', failover: true, synced: true };
    expect(stateOf({ primary: { logicalSlots: [slot] }, candidate: { logicalSlots: [slot] } })).toEqual({});
  });

  it('says what it could not look at, and does not proceed over it', () => {
    expect(stateOf({ facts: { load: FAILED } })).toEqual({ 'no-backup': 'could-not-look', 'oldest-transaction': 'could-not-look', 'session-state': 'could-not-look' });
    expect(judgeSwitchover(facts({ facts: { load: FAILED } }))).toMatchObject({ canProceed: false, downtime: { expectedMs: null } });
    expect(stateOf({ facts: { routeSwitchMs: FAILED } })).toEqual({ route: 'could-not-look' });
    expect(judgeSwitchover(facts({ facts: { restoreCommandMs: FAILED } })).canProceed).toBe(true);
  });

  it('takes a stale word of an agent for none', () => {
    const base = facts();
    const stale = { ...base, candidate: { ...base.candidate, report: { ...base.candidate.report, askedAt: { ...NOW, ms: NOW.ms - 3001 } } } };
    const { checks, canProceed } = judgeSwitchover(stale);
    expect(canProceed).toBe(false);
    expect(checks.filter(({ state }) => state === 'could-not-look').map(({ id }) => id)).toEqual(expect.arrayContaining(['roles', 'lag', 'streams-directly', 'electable', 'logical-slots']));
  });
});

describe('the predicted downtime', () => {
  const parts = (change: Change): Record<string, number> => Object.fromEntries(judgeSwitchover(facts(change)).downtime.parts.map(({ part, ms }) => [part, ms]));

  it('is the sum of its parts', () => {
    expect(judgeSwitchover(facts()).downtime.expectedMs).toBe(78);
    expect(parts({})).toEqual({ drain: 0, stop: 50, replay: 0, promote: 20, route: 8 });
  });

  it('HA47 waits for transactions up to the drain limit', () => {
    expect(parts({ load: { oldestTransactionMs: 300 } })).toMatchObject({ drain: 300 });
    expect(parts({ load: { oldestTransactionMs: 30_000 } })).toMatchObject({ drain: 1000 });
  });

  it('R12 counts what is not replayed at 40 MB/s', () => {
    expect(parts({ candidate: { replayLsn: lsn('0/800000') } })).toMatchObject({ replay: 1000 });
  });

  it('HA23 waits for a frozen follower, and for dirty buffers', () => {
    expect(parts({ primary: { senders: [sender('bravo', { replyAgeMs: 6000 })] } })).toMatchObject({ stop: 60_050 });
    expect(parts({ load: { dirtyBytes: 200 * 2 ** 20 } })).toMatchObject({ stop: 150 });
  });

  it('counts a slow restore_command only where it cannot be put aside', () => {
    expect(parts({ facts: { restoreCommandMs: { ok: 1000 } } })).toMatchObject({ promote: 20 });
    expect(parts({ candidate: { major: 13 }, primary: { major: 13 }, facts: { restoreCommandMs: { ok: 1000 } } })).toMatchObject({ promote: 5020 });
  });
});
