import { describe, expect, it } from 'vitest';
import { lintSynchronous } from '../../../../domain/cluster/synchronous/lints.ts';
import { sender } from '../builders.ts';
import { picture, type NodeChange } from '../picture-builder.ts';

const both = (names: string, more: Readonly<Record<string, string>> = {}): Record<string, string> => ({ synchronous_standby_names: names, wal_sender_timeout: '5000', ...more });
const rulesOf = (alfa: NodeChange, rest: Readonly<Record<string, NodeChange>> = {}, automaticFailover = false): string[] => {
  const names = alfa.settings?.['synchronous_standby_names'] ?? '';
  const standby = { settings: { synchronous_standby_names: names } };
  return lintSynchronous(picture({ bravo: standby, charlie: standby, alfa, ...rest }, { automaticFailover })).map(({ rule }) => rule);
};

describe('synchronous replication', () => {
  it('is well with one to spare', () => {
    expect(rulesOf({ settings: both('ANY 1 (bravo, charlie)') })).toEqual([]);
  });

  it('R60 is recommended where failover is automatic', () => {
    expect(rulesOf({}, {}, true)).toEqual(['asynchronous-failover']);
    expect(rulesOf({})).toEqual([]);
  });

  it('R74 hangs when fewer stream than must confirm', () => {
    expect(rulesOf({ settings: both('ANY 1 (bravo, charlie)'), server: { senders: [sender('bravo', { state: 'catchup' })] } })).toEqual(['writes-hang']);
    expect(rulesOf({ settings: both('FIRST 2 (bravo, charlie)'), server: { senders: [sender('bravo')] } })).toEqual(['writes-hang']);
  });

  it('R75 has nothing to spare with FIRST 2 of 2, or when the last one is left', () => {
    expect(rulesOf({ settings: both('FIRST 2 (bravo, charlie)') })).toEqual(['no-spare-standby']);
    expect(rulesOf({ settings: both('ANY 1 (bravo, charlie)'), server: { senders: [sender('bravo')] } })).toEqual(['no-spare-standby']);
  });

  it('HA32 lists the primary itself, or what is no node', () => {
    expect(rulesOf({ settings: both('ANY 1 (alfa, bravo, charlie)') })).toEqual(['lists-itself']);
    expect(rulesOf({ settings: both('ANY 1 (bravo, charlie, gone)') })).toEqual(['unknown-names']);
    expect(rulesOf({ settings: both('ANY 1 (*)') })).toEqual(['anybody-may-confirm']);
  });

  it('R73 is not waited for with synchronous_commit off or local', () => {
    for (const synchronous_commit of ['off', 'local']) expect(rulesOf({ settings: both('ANY 1 (bravo, charlie)', { synchronous_commit }) })).toEqual(['commit-does-not-wait']);
  });

  it('HA29 never waits for a delayed standby to apply', () => {
    const delayed = { bravo: { declared: { applyDelayMs: 60_000 }, settings: { synchronous_standby_names: 'x' } } };
    expect(rulesOf({ settings: both('ANY 1 (bravo, charlie)', { synchronous_commit: 'remote_apply' }) }, delayed)).toEqual(['delayed-remote-apply']);
    expect(rulesOf({ settings: both('ANY 1 (bravo, charlie)') }, delayed)).toEqual([]);
    expect(rulesOf({ settings: both('charlie', { synchronous_commit: 'remote_apply' }) }, delayed)).toEqual(['no-spare-standby']);
  });

  it('R80 notices late that a standby is gone', () => {
    for (const wal_sender_timeout of ['0', '10001']) expect(rulesOf({ settings: both('ANY 1 (bravo, charlie)', { wal_sender_timeout }) })).toEqual(['slow-to-notice']);
  });

  it('HA31 is not prepared on a standby that has no list of its own', () => {
    expect(rulesOf({ settings: both('ANY 1 (bravo, charlie)') }, { bravo: {} })).toEqual(['standby-without-names']);
    expect(rulesOf({ settings: both('ANY 1 (bravo, charlie)') }, { bravo: { declared: { priority: 0 } } })).toEqual([]);
  });
});
