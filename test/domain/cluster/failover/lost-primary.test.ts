import { describe, expect, it } from 'vitest';

import { hasRedundancy } from '../../../../domain/cluster/failover/redundancy.ts';
import { lostPrimaryOf } from '../../../../domain/cluster/failover/lost-primary.ts';
import { rolesAfter } from '../../../../domain/cluster/roles-after.ts';
import { declaration, FAILED, history, lsn, NOW, primaryServer, receiver, report, said, sender, server } from '../builders.ts';

describe('what is kept of a lost primary', () => {
  it('is where it wrote, and up to where its synchronous standbys had confirmed', () => {
    const ok = primaryServer({ senders: [sender('bravo', { flushLsn: lsn('0/2F00000') }), sender('charlie', { flushLsn: lsn('0/2E00000') })] }, { synchronous_standby_names: 'ANY 1 (bravo, charlie)' });
    expect(lostPrimaryOf('alfa', { report: report('alfa', { server: { ok } }), history: history(1) }, '7311')).toMatchObject({ name: 'alfa', writeLsn: '0/3000000', acknowledgedLsn: '0/2F00000', systemIdentifier: '7311' });
  });

  it('is nothing when it was never heard of as a primary, or its line is not known', () => {
    expect(lostPrimaryOf('alfa', null, '7311')).toBeNull();
    expect(lostPrimaryOf('alfa', { report: report('alfa', { server: FAILED }), history: history(1) }, '7311')).toBeNull();
    expect(lostPrimaryOf('alfa', { report: report('alfa', { server: { ok: server() } }), history: history(1) }, '7311')).toBeNull();
    expect(lostPrimaryOf('alfa', { report: report('alfa', { server: { ok: primaryServer({ timeline: 2 }) } }), history: null }, '7311')).toBeNull();
    expect(lostPrimaryOf('alfa', { report: report('alfa', { server: { ok: primaryServer() } }), history: null }, '7311')).toMatchObject({ history: history(1) });
  });
});

describe('redundancy', () => {
  const streaming = report('bravo', { server: { ok: server({ receiver: receiver() }) } });
  const has = (rest: Parameters<typeof declaration>[1], said_ = said('bravo', streaming)): boolean => hasRedundancy([declaration('alfa', { role: 'primary' }), declaration('bravo', rest)], [said_], { now: NOW, freshMs: 1500 });

  it('is a standby that streams and may be promoted', () => {
    expect(has({})).toBe(true);
    expect(has({ priority: 0 })).toBe(false);
    expect(has({ applyDelayMs: 1000 })).toBe(false);
    expect(has({}, said('bravo', streaming, 2000))).toBe(false);
    expect(has({}, said('bravo', { ...streaming, server: { ok: server() } }))).toBe(false);
    expect(has({}, said('bravo', { ...streaming, destructiveStep: 'op' }))).toBe(false);
  });
});

describe('the roles after a change', () => {
  const nodes = [declaration('alfa', { role: 'primary', upstream: null }), declaration('bravo'), declaration('charlie', { upstream: 'bravo' }), declaration('delta', { upstream: 'charlie' }), declaration('eye', { role: 'witness', upstream: null })];
  const after = (primary: string) => Object.fromEntries(rolesAfter(nodes, primary).map(({ name, role, upstream }) => [name, `${role} ${upstream}`]));

  it('HA39 lead everybody to the new primary but those of a cascade that is whole', () => {
    expect(after('bravo')).toEqual({ alfa: 'standby bravo', bravo: 'primary null', charlie: 'standby bravo', delta: 'standby charlie', eye: 'witness null' });
    expect(after('charlie')).toEqual({ alfa: 'standby charlie', bravo: 'standby charlie', charlie: 'primary null', delta: 'standby charlie', eye: 'witness null' });
    expect(after('delta')).toEqual({ alfa: 'standby delta', bravo: 'standby delta', charlie: 'standby bravo', delta: 'primary null', eye: 'witness null' });
  });
});
