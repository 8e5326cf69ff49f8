import { describe, expect, it } from 'vitest';

import { epochOf } from '../../../../domain/cluster/epoch.ts';
import { fenceFactsOf, handOn, outstanding, type Situation, takeOver, viewOf, writableElsewhere } from '../../../../domain/cluster/failover/assess.ts';
import { judgeFence } from '../../../../domain/cluster/failover/fence.ts';
import { forecast, type ForecastQuestion } from '../../../../domain/cluster/failover/forecast.ts';
import { standInFor } from '../../../../domain/cluster/failover/lost-primary.ts';
import { emptyMemory, remember } from '../../../../domain/cluster/failover/memory.ts';
import { settled } from '../../../../domain/cluster/failover/settled.ts';
import type { ClusterNode, ClusterPlan } from '../../../../domain/cluster/cluster.ts';
import { parseSynchronousNames } from '../../../../domain/cluster/synchronous/names.ts';
import { ago, declaration, FAILED, history, lsn, NOW, primaryServer, receiver, report, said, server, sighting } from '../builders.ts';

const node = (name: string, rest = {}): ClusterNode => ({ ...declaration(name, { ...(name === 'alfa' ? { role: 'primary' as const, upstream: null } : {}), ...rest }), host: `${name}.example`, port: 5432, dataDir: '/d', binDir: null, socketDir: null, settings: {}, wantedUpstream: null });
const PLAN: ClusterPlan = {
  cluster: 'shop', nodes: [node('alfa'), node('bravo'), node('charlie')], major: null, superuser: 'postgres', replicationUser: 'r', applicationUser: null, database: 'shop', trusted: [], synchronous: null, route: { kind: 'none' },
  watch: { automatic: true, coolDownMs: 1000, flapLimit: { count: 2, withinMs: 3_600_000 }, intervalMs: 500, silenceMs: 1000, freshMs: 1500, strikeOffMs: 30_000, localRestart: 'never', maxLossBytes: null, longestPauseMs: 1 },
  lease: { selfStopMs: 2000, stopMs: 500, marginMs: 300 }, fence: null, window: { budgetMs: 1, silenceMs: 1, drainMs: 1 }, limits: { lagBytes: 1, walDiskFreeBytes: 1, readyFiles: 1, senderSilenceMs: 1 },
};
const dead = report('alfa', { epoch: epochOf(2), tombstone: true, process: { postmaster: 'gone', children: 0 }, server: FAILED });
const standby = (name: string, detached = true) => said(name, report(name, { server: { ok: server({ receiver: detached ? null : receiver() }) } }));
const LOST = { name: 'alfa', systemIdentifier: '7311', major: 15, history: history(1), writeLsn: lsn('0/3000000'), acknowledgedLsn: null, synchronous: null };

const situation = (rest: Partial<Situation> = {}): Situation => ({
  plan: PLAN, primary: PLAN.nodes[0]!, reports: [said('alfa', dead), standby('bravo'), standby('charlie')], histories: new Map([['bravo', history(1)], ['charlie', history(1)]]),
  sightings: ['bravo', 'charlie', 'worker:w'].map((name) => said(name, sighting({ answer: 'refused', reaches: ['bravo', 'charlie', 'worker:w'] }))), memory: emptyMemory(ago(10_000)), outside: [{ name: 'worker:w', machine: 'w' }], now: NOW, ...rest,
});
const given = { epoch: epochOf(2), synchronous: null, poweredOff: null, consent: null, routeClosed: false };

describe('what a failover is judged by', () => {
  it('HA4 takes the word of the agent that has kept the epoch for an answer to the fence, and an older one for none', () => {
    expect(judgeFence(fenceFactsOf(situation(), given))).toMatchObject({ proof: 'process-tree-gone' });
    for (const other of [said('alfa', { ...dead, epoch: epochOf(1) }), said('alfa', dead, 2000), said('alfa', { ...dead, process: { postmaster: 'gone' as const, children: 1 } }), said('alfa', { ...dead, process: { postmaster: 'frozen' as const, children: 0 } }), said('alfa', { ...dead, tombstone: false })]) {
      expect(judgeFence(fenceFactsOf(situation({ reports: [other, standby('bravo'), standby('charlie')] }), given)).fenced).toBe(false);
    }
  });

  it('HA10 has nodes and the one who looks as vantage points, and none that may be gone', () => {
    const stale = said('worker:gone', sighting({ answer: 'serving' }), 50_000);
    expect(viewOf(situation({ sightings: [stale] })).vantagePoints.map(({ name }) => name)).toEqual(['alfa', 'bravo', 'charlie', 'worker:w']);
  });

  it('HA15 sees a node that writes beside the lost primary', () => {
    expect(writableElsewhere(situation())).toEqual([]);
    expect(writableElsewhere(situation({ reports: [said('charlie', report('charlie', { server: { ok: primaryServer() } }))] }))).toEqual(['charlie']);
    expect(writableElsewhere(situation({ sightings: [said('bravo', sighting({ subject: 'charlie' }))] }))).toEqual(['charlie']);
  });

  it('HA2 waits for those that were heard of and have not let go', () => {
    const here = situation({ reports: [standby('bravo'), standby('charlie', false)] });
    const memory = remember(here.memory, { reports: here.reports, sightings: [], marks: {}, now: NOW });
    expect(outstanding({ ...here, memory }, ['alfa', 'bravo', 'charlie'])).toEqual(['charlie']);
    expect(outstanding({ ...here, memory }, ['alfa', 'bravo'])).toEqual([]);
  });

  it('hands on ages, which hold as long as no newer word came', () => {
    const memory = { ...emptyMemory(ago(9000)), contacts: { alfa: { mark: 'm1', at: ago(1200) } }, struckOffAt: { charlie: ago(100) } };
    const handed = handOn(situation({ memory }));
    expect(handed).toEqual({ contact: { mark: 'm1', agoMs: 1200 }, struckOff: ['charlie'], speakers: ['alfa', 'bravo', 'charlie'] });
    const now = { clock: 'another', ms: 50_000 };
    const taken = takeOver(handed, 'alfa', now);
    expect(remember(taken, { reports: [], sightings: [], marks: { alfa: 'm1' }, now }).contacts['alfa']?.at.ms).toBe(48_800);
    expect(remember(taken, { reports: [], sightings: [], marks: { alfa: 'm2' }, now }).contacts['alfa']?.at.ms).toBe(50_000);
    expect(takeOver(null, 'alfa', now).contacts).toEqual({});
  });

  it('stands the furthest standby in for a primary that was never heard of', () => {
    const ahead = said('charlie', report('charlie', { server: { ok: server({ receiveLsn: lsn('0/4000000') }) } }));
    expect(standInFor(situation({ reports: [standby('bravo'), ahead] }))).toMatchObject({ name: 'alfa', writeLsn: '0/4000000', acknowledgedLsn: null });
    expect(standInFor(situation({ reports: [] }))).toBeNull();
  });
});

describe('the last word on a loss', () => {
  const of = (found: 'serving' | 'partition' | 'frozen', ageMs: number) => settled({ classification: { class: found, rule: 'r', by: [], reason: '' }, ageMs });

  it('D2 is said at once when all see it serve, and otherwise when it stays so', () => {
    expect(of('serving', 0)).toEqual({ alive: true, dead: false });
    expect([of('partition', 2400).alive, of('partition', 2500).alive]).toEqual([false, true]);
    expect([of('frozen', 0).dead, of('frozen', 400).dead, of('frozen', 9000).alive]).toEqual([false, true, false]);
  });
});

describe('a dry run', () => {
  const ask = (rest: Partial<ForecastQuestion> = {}) => forecast({ plan: PLAN, situation: situation({ reports: [said('alfa', dead), standby('bravo', false), standby('charlie', false)] }), lost: LOST, gates: [], named: null, acceptLoss: false, forced: false, consent: false, ...rest });

  it('sees who would be promoted, as if the standbys had let go', () => {
    expect(ask()).toMatchObject({ wouldPromote: true, election: { winner: { node: 'bravo' } }, classification: { class: 'postmaster-dead' } });
  });

  it('D2 says that a primary that serves is not failed over without force', () => {
    const serving = situation({ sightings: ['bravo', 'charlie', 'worker:w'].map((name) => said(name, sighting())) });
    expect(ask({ situation: serving })).toMatchObject({ wouldPromote: false, reasons: [expect.stringContaining('The primary is not lost')] });
    expect(ask({ situation: serving, forced: true }).wouldPromote).toBe(true);
  });

  it('HA1 says of each proof whether it can be had', () => {
    const silent = ask({ situation: situation({ reports: [standby('bravo', false)] }), lost: { ...LOST, synchronous: parseSynchronousNames('ANY 1 (bravo, charlie)') } });
    expect(silent.proofs.filter(({ possible }) => possible)).toEqual([]);
    expect(silent.reasons).toContain('No proof that the old primary has stopped can be had.');
    expect(ask().proofs.filter(({ possible }) => possible).map(({ rule }) => rule)).toEqual(['process-tree-gone', 'lease-over']);
    expect(ask({ consent: true }).proofs.at(-1)).toMatchObject({ rule: 'consent', possible: true });
  });

  it('HA34 wants the loss accepted when nothing is kept of the primary', () => {
    expect(ask({ lost: null })).toMatchObject({ wouldPromote: false, election: { blocked: { rule: 'primary-never-heard' } } });
    expect(ask({ lost: null, acceptLoss: true }).wouldPromote).toBe(true);
  });
});
