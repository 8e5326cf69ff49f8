import { describe, expect, it } from 'vitest';

import { emptyMemory, followerOf, remember, strikeOff, type Look } from '../../../../domain/cluster/failover/memory.ts';
import type { View } from '../../../../domain/cluster/failover/vantage.ts';
import { ago, NOW, receiver, report, said, server, sighting } from '../builders.ts';

const look = (rest: Partial<Look> = {}): Look => ({ reports: [], sightings: [], marks: {}, now: NOW, ...rest });
const bravo = (detached: boolean, ageMs = 100) => said('bravo', report('bravo', { server: { ok: server({ receiver: detached ? null : receiver() }) } }), ageMs);

describe('the last contact with an agent', () => {
  it('is when its last word was first seen, and not when that was looked at again', () => {
    const first = remember(emptyMemory(ago(9000)), look({ marks: { alfa: 'a' }, now: ago(5000) }));
    const again = remember(first, look({ marks: { alfa: 'a' } }));
    expect(again.contacts['alfa']).toEqual({ mark: 'a', at: ago(5000) });
    expect(remember(again, look({ marks: { alfa: 'b' } })).contacts['alfa']).toEqual({ mark: 'b', at: NOW });
  });
});

describe('a receiver that was taken off', () => {
  it('HA2 counts from the first report without it, and anew after any other word', () => {
    const off = remember(emptyMemory(ago(9000)), look({ reports: [bravo(true, 3000)], now: ago(3000) }));
    const still = look({ reports: [bravo(true)] });
    expect(followerOf({ name: 'bravo', applicationName: 'b' }, remember(off, still), still)).toEqual({ name: 'bravo', applicationName: 'b', detachedForMs: said('bravo', 3000) });
    const on = remember(off, look({ reports: [bravo(false, 1000)], now: ago(1000) }));
    expect(followerOf({ name: 'bravo', applicationName: 'b' }, on, look({ reports: [bravo(false)] })).detachedForMs?.value).toBe(0);
    expect(followerOf({ name: 'bravo', applicationName: 'b' }, remember(on, still), still).detachedForMs?.value).toBe(1);
  });

  it('is not known of one that said nothing, or said it to somebody else', () => {
    expect(followerOf({ name: 'bravo', applicationName: 'b' }, emptyMemory(NOW), look()).detachedForMs).toBeNull();
    const foreign = { ...bravo(true), askedAt: { clock: 'another', ms: 1 } };
    expect(remember(emptyMemory(NOW), look({ reports: [foreign] })).detachedSince).toEqual({});
  });
});

describe('a vantage point that is silent', () => {
  const points = ['bravo', 'charlie', 'witness'].map((name) => ({ name, machine: `machine-${name}`, struckOffAt: null }));
  const view = (silent: number, listening: number): [ReturnType<typeof emptyMemory>, View] => [
    emptyMemory(ago(listening)),
    { subject: { name: 'alfa', machine: 'machine-alfa' }, vantagePoints: points, sightings: [said('bravo', sighting()), said('charlie', sighting()), said('witness', sighting(), silent)], limits: { freshMs: 3000, silenceMs: 1000 }, now: NOW },
  ];

  it('is struck off while the others see the primary, and not before it was listened to for so long', () => {
    expect(strikeOff(...view(40_000, 60_000), 30_000).struckOffAt).toEqual({ witness: NOW });
    expect(strikeOff(...view(20_000, 60_000), 30_000).struckOffAt).toEqual({});
    expect(strikeOff(...view(40_000, 20_000), 30_000).struckOffAt).toEqual({});
  });
});

describe('what was seen to serve', () => {
  it('is kept with the newest moment, whoever says something else later', () => {
    const memory = remember(emptyMemory(NOW), look({ sightings: [said('bravo', sighting(), 700), said('charlie', sighting(), 500)] }));
    expect(remember(memory, look({ sightings: [said('bravo', sighting({ answer: 'refused' })), said('charlie', sighting({ answer: 'refused' }))] })).servedAt).toEqual({ alfa: ago(500) });
  });
});
