import { describe, expect, it } from 'vitest';
import { statusOf } from '../../../../domain/cluster/show/node-status.ts';
import { problemsOf } from '../../../../domain/cluster/show/problems.ts';
import type { ClusterPicture } from '../../../../domain/cluster/show/picture.ts';
import { epochOf } from '../../../../domain/cluster/epoch.ts';
import { control, FAILED, lsn, sender } from '../builders.ts';
import { picture } from '../picture-builder.ts';

const rulesOf = (subject: ClusterPicture): string[] => problemsOf(subject).map(({ rule, node }) => (node === null ? rule : `${node}: ${rule}`));

describe('cluster show', () => {
  it('R49 has nothing to say about a healthy cluster', () => {
    expect(problemsOf(picture())).toEqual([]);
  });

  it('R49 gives each node a status', () => {
    const changed = picture({ alfa: { server: { inRecovery: true } }, bravo: { server: { inRecovery: false } }, charlie: { reported: { server: FAILED } }, delta: { ageMs: 3001 }, witness: { declared: { role: 'witness' }, reported: { server: FAILED } } });
    expect(changed.nodes.map((node) => statusOf(node, changed))).toEqual(['running-as-standby', 'running-as-primary', 'failed', 'unreachable', 'running']);
  });

  it('puts the worst first', () => {
    expect(problemsOf(picture({ alfa: { server: { preparedTransactions: ['order-7'] } }, bravo: { server: { receiver: null } }, charlie: { declared: { applyDelayMs: 1000 } } })).map(({ severity }) => severity)).toEqual(['blocking', 'warning', 'information']);
  });
});

describe('problems of nodes', () => {
  it('HA15 two writable nodes, and none', () => {
    expect(rulesOf(picture({ bravo: { server: { inRecovery: false } } }))).toContain('two-primaries');
    expect(rulesOf(picture({ alfa: { reported: { server: FAILED } } }))).toEqual(expect.arrayContaining(['no-primary', 'alfa: failed']));
    expect(rulesOf(picture({ bravo: { server: { inRecovery: false } } }))).toContain('bravo: other-role');
  });

  it('R49 an agent that does not speak', () => {
    expect(rulesOf(picture({ charlie: { ageMs: 3001 } }))).toEqual(['charlie: unreachable']);
  });

  it('HA21 a data directory that is half rewritten', () => {
    expect(rulesOf(picture({ charlie: { reported: { destructiveStep: 'rejoin/7' } } }))).toEqual(['charlie: destructive-step-pending']);
  });

  it('HA18 a node that could not be rewound', () => {
    expect(rulesOf(picture({ alfa: { reported: { control: { ok: control({ walLogHints: false }) } } } }))).toEqual(['alfa: not-rewindable']);
    expect(rulesOf(picture({ alfa: { reported: { control: { ok: control({ walLogHints: false, dataChecksums: true }) } } } }))).toEqual([]);
  });

  it('HA13 a disk that fills, worse on the primary', () => {
    const low = { reported: { walDiskFreeBytes: { ok: 2 ** 30 - 1 } } };
    expect(problemsOf(picture({ alfa: low, bravo: low })).map(({ rule, node, severity }) => [rule, node, severity])).toEqual([['wal-disk-low', 'alfa', 'blocking'], ['wal-disk-low', 'bravo', 'warning']]);
  });

  it('HA44 a primary_conninfo left on the primary, HA46 prepared transactions, and an agent that missed an epoch', () => {
    expect(rulesOf(picture({ alfa: { settings: { primary_conninfo: 'host=bravo' } }, bravo: { settings: { primary_conninfo: 'host=alfa' } } }))).toEqual(['alfa: leftover-conninfo']);
    expect(rulesOf(picture({ alfa: { server: { preparedTransactions: ['order-7'] } } }))).toEqual(['alfa: prepared-transactions']);
    expect(rulesOf(picture({ alfa: { reported: { epoch: epochOf(2) } }, bravo: { reported: { epoch: epochOf(2) } } }))).toEqual(['charlie: epoch-behind']);
  });
});

describe('problems between nodes', () => {
  it('R52 another system, and R49 another timeline', () => {
    expect(rulesOf(picture({ charlie: { reported: { control: { ok: control({ systemIdentifier: '9' }) } } } }))).toEqual(['charlie: foreign-system']);
    expect(rulesOf(picture({ charlie: { server: { timeline: 2 } } }))).toEqual(['charlie: other-timeline']);
  });

  it('R59 a standby beyond the limit of lag', () => {
    expect(rulesOf(picture({ charlie: { server: { receiveLsn: lsn('0/2FFF000'), replayLsn: lsn('0/2FFF000') } } }))).toEqual([]);
    expect(rulesOf(picture({ charlie: { server: { receiveLsn: lsn('0/2FFEFFF'), replayLsn: lsn('0/2FFEFFF') } } }))).toEqual(['charlie: lagging']);
  });

  it('R68 a standby that receives nothing, and HA38 one that receives from elsewhere', () => {
    expect(rulesOf(picture({ charlie: { server: { receiver: null } } }))).toEqual(['charlie: not-streaming']);
    expect(rulesOf(picture({ charlie: { declared: { upstream: 'bravo' } } }))).toEqual(['charlie: other-upstream']);
    expect(rulesOf(picture({ bravo: { server: { senders: [sender('charlie')] } }, charlie: { declared: { upstream: 'bravo' } } }))).toEqual([]);
  });

  it('HA41 slots without a reader, and slots that lost their log', () => {
    const slot = { name: 'pgconvoy_delta', active: false, walStatus: 'extended' };
    expect(rulesOf(picture({ alfa: { server: { physicalSlots: [slot, { ...slot, active: true }, { ...slot, walStatus: 'lost' }] } } }))).toEqual(['alfa: slot-inactive', 'alfa: slot-lost']);
  });
});

describe('problems of what is declared', () => {
  it('HA10 a witness beside data', () => {
    const witness = { role: 'witness' } as const;
    expect(rulesOf(picture({ witness: { declared: { ...witness, machine: 'machine-bravo' } } }))).toEqual(['witness: witness-on-data-machine']);
    expect(rulesOf(picture({ witness: { declared: witness, server: { inRecovery: false } } }))).toEqual([]);
  });

  it('R73 one application_name for two nodes', () => {
    expect(rulesOf(picture({ alfa: { server: { senders: [sender('bravo'), sender('Bravo')] } }, charlie: { declared: { applicationName: 'Bravo' } } }))).toEqual(['double-application-name']);
  });

  it('HA28 a delayed node that could be promoted, and HA62 a cluster in which none may be', () => {
    expect(rulesOf(picture({ charlie: { declared: { applyDelayMs: 1000 } } }))).toEqual(['charlie: delayed-candidate']);
    expect(rulesOf(picture({ bravo: { declared: { priority: 0 } }, charlie: { declared: { priority: 0 } } }))).toEqual(['no-candidate']);
  });

  it('HA9 a watcher with one vantage point', () => {
    const one = { bravo: { declared: { machine: 'machine-alfa' } }, charlie: { declared: { machine: 'machine-alfa' } } };
    expect(rulesOf(picture(one, { automaticFailover: true }))).toContain('too-few-vantage-points');
    expect(rulesOf(picture(one))).toEqual([]);
    expect(rulesOf(picture(one, { automaticFailover: true, outsideMachines: ['control', 'other'] }))).not.toContain('too-few-vantage-points');
  });
});
