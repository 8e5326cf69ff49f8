import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify, DEATHS, type PrimaryView } from '../../../../domain/cluster/failover/classify.ts';
import { mayStrikeOff, type VantagePoint } from '../../../../domain/cluster/failover/vantage.ts';
import type { ProcessFacts } from '../../../../domain/cluster/node-facts.ts';
import type { Observation } from '../../../../domain/cluster/reading.ts';
import { ANSWERS, type Sighting } from '../../../../domain/cluster/sighting.ts';
import { ago, NOW, said, sighting } from '../builders.ts';

const point = (name: string, rest: Partial<VantagePoint> = {}): VantagePoint => ({ name, machine: `machine-${name}`, struckOffAt: null, ...rest });
const POINTS = [point('bravo'), point('charlie'), point('witness')];
const LIMITS = { freshMs: 3000, silenceMs: 2000 };

const view = (sightings: readonly Observation<Sighting>[], agent: ProcessFacts | null = null, rest: Partial<PrimaryView> = {}): PrimaryView => ({
  subject: { name: 'alfa', machine: 'machine-alfa' }, vantagePoints: POINTS, sightings, limits: LIMITS, now: NOW, agent: agent === null ? null : said('alfa', { process: agent }), ...rest,
});

const all = (rest: Partial<Sighting>): Observation<Sighting>[] => POINTS.map(({ name }) => said(name, sighting(rest)));
const RUNNING: ProcessFacts = { postmaster: 'running', children: 8 };
const GONE: ProcessFacts = { postmaster: 'gone', children: 2 };

const seenBy = (who: string, rest: Partial<Sighting> = {}): Observation<Sighting>[] => POINTS.map(({ name }) => said(name, sighting(name === who ? rest : { answer: 'timed-out' })));

describe('the class of a failure', () => {
  it('is serving while everybody sees it', () => {
    expect(classify(view(all({}), RUNNING))).toMatchObject({ class: 'serving', rule: 'seen-by-all' });
  });

  it('is a dead postmaster when its agent says so and the others cannot reach it', () => {
    expect(classify(view(all({ answer: 'refused' }), GONE))).toMatchObject({ class: 'postmaster-dead', rule: 'agent-says-dead', by: ['G2', 'HA4'] });
    expect(classify(view(all({ answer: 'refused' }), { postmaster: 'zombie', children: 0 }))).toMatchObject({ class: 'postmaster-dead' });
    expect(classify(view(all({ answer: 'refused' })))).toMatchObject({ class: 'postmaster-dead', rule: 'refused-everywhere' });
  });

  it('is a host out of reach when neither agent nor server answer anybody', () => {
    expect(classify(view(all({ answer: 'timed-out' })))).toMatchObject({ class: 'host-unreachable', rule: 'lost-by-most' });
  });

  it('is frozen when the process lives and answers nobody', () => {
    expect(classify(view(all({ answer: 'timed-out' }), { postmaster: 'frozen', children: 8 }))).toMatchObject({ class: 'frozen' });
    expect(classify(view(all({ answer: 'timed-out' }), RUNNING))).toMatchObject({ class: 'frozen' });
  });

  it('HA8 is a partition as soon as one vantage point sees it, by dialling or by replication', () => {
    expect(classify(view(seenBy('witness')))).toMatchObject({ class: 'partition', rule: 'somebody-sees-it', by: ['HA8', 'G4'] });
    expect(classify(view(seenBy('charlie', { answer: 'timed-out', receiverAgeMs: 300 })))).toMatchObject({ class: 'partition' });
    expect(classify(view(all({ answer: 'unreachable' }), RUNNING))).toMatchObject({ class: 'partition', rule: 'agent-sees-it-run' });
  });

  it('HA8 stays a partition when the one who saw it falls silent', () => {
    const silent = view(seenBy('witness').map((one) => (one.observer === 'witness' ? { ...one, askedAt: ago(3_600_000) } : one)));
    expect(classify(silent)).toMatchObject({ class: 'partition', reason: expect.stringContaining('witness (stale)') });
    expect(classify({ ...silent, vantagePoints: POINTS.map((one) => ({ ...one, struckOffAt: one.name === 'witness' ? ago(1_800_000) : null })) })).toMatchObject({ class: 'host-unreachable' });
  });

  it('HA13 stays no death when the one who was refused falls silent', () => {
    expect(classify(view(seenBy('bravo', { answer: 'disk-full' }).map((one) => (one.observer === 'bravo' ? { ...one, askedAt: ago(3_600_000) } : one))))).toMatchObject({ class: 'not-death' });
  });

  it('HA10 is ours when those who lost it reach nobody else either', () => {
    expect(classify(view(all({ answer: 'timed-out', reaches: [] })))).toMatchObject({ class: 'observers-cut-off', by: ['HA10', 'G4'] });
    expect(classify(view(all({ answer: 'timed-out', reaches: ['stranger', 'alfa'] })))).toMatchObject({ class: 'observers-cut-off' });
  });

  it('HA13 is no death when a living server refuses', () => {
    for (const answer of ['too-many-connections', 'disk-full', 'starting', 'in-recovery', 'authentication', 'shutting-down'] as const) {
      expect(classify(view(seenBy('bravo', { answer })))).toMatchObject({ class: 'not-death', rule: 'alive-but-troubled', by: ['HA13', 'G2'], reason: `It lives: bravo was told ${answer}.` });
    }
  });

  it('takes no old word of the agent for what the server does now', () => {
    expect(classify(view(all({ answer: 'timed-out' }), null, { agent: said('alfa', { process: RUNNING }, 3001) }))).toMatchObject({ class: 'host-unreachable' });
  });

  it('HA9 takes half of the vantage points for no majority', () => {
    const four = [...POINTS, point('delta')];
    expect(classify(view(all({ answer: 'refused' }).slice(0, 2), GONE, { vantagePoints: four }))).toMatchObject({ class: 'undetermined', rule: 'no-majority-lost-it' });
  });

  it('HA9 needs two vantage points, and most of all that there are', () => {
    expect(classify(view(all({ answer: 'refused' }).slice(0, 1), GONE))).toMatchObject({ class: 'undetermined', rule: 'one-vantage-point' });
    expect(classify(view(all({ answer: 'refused' }), GONE, { vantagePoints: [point('bravo')] }))).toMatchObject({ class: 'undetermined', rule: 'one-vantage-point' });
    const five = [...POINTS, point('delta'), point('echo')];
    expect(classify(view(all({ answer: 'refused' }).slice(0, 2), GONE, { vantagePoints: five }))).toMatchObject({ class: 'undetermined', rule: 'no-majority-lost-it' });
    const stale = ['delta', 'echo'].map((name) => said(name, sighting({ answer: 'refused' }), 3001));
    expect(classify(view([...all({ answer: 'refused' }).slice(0, 2), ...stale], GONE, { vantagePoints: five }))).toMatchObject({ class: 'undetermined', rule: 'no-majority-lost-it' });
  });

  it('HA10 does not count a witness on the machine of the primary', () => {
    const vantagePoints = [point('bravo'), point('witness', { machine: 'machine-alfa' })];
    expect(classify(view(all({ answer: 'refused' }), GONE, { vantagePoints }))).toMatchObject({ class: 'undetermined', reason: 'Vantage points on 1 of 1 machines have spoken lately; two are needed.' });
  });

  it('lets a later word of the same observer replace an earlier one', () => {
    const earlier = said('witness', sighting(), 2500);
    expect(classify(view([earlier, ...all({ answer: 'refused' })], GONE))).toMatchObject({ class: 'postmaster-dead' });
    expect(classify(view([...all({ answer: 'refused' }).map((one) => ({ ...one, askedAt: ago(2600) })), earlier], GONE))).toMatchObject({ class: 'partition' });
  });
});

describe('vantage points of one machine', () => {
  const together = [point('bravo', { machine: 'one' }), point('worker', { machine: 'one' }), point('charlie')];
  const lost = (...observers: string[]) => observers.map((name) => said(name, sighting({ answer: 'timed-out', reaches: ['bravo', 'worker', 'charlie', 'delta', 'echo'] })));

  it('HA10 are one witness', () => {
    expect(classify(view(lost('bravo', 'worker'), null, { vantagePoints: together }))).toMatchObject({ class: 'undetermined', rule: 'one-vantage-point' });
    expect(classify(view(lost('bravo', 'charlie'), null, { vantagePoints: together }))).toMatchObject({ class: 'host-unreachable' });
    const more = [...together, point('delta')];
    expect(classify(view(lost('bravo', 'worker', 'charlie'), null, { vantagePoints: [...more, point('echo')] }))).toMatchObject({ class: 'undetermined', rule: 'no-majority-lost-it' });
    expect(classify(view(lost('bravo', 'charlie'), null, { vantagePoints: more }))).toMatchObject({ class: 'host-unreachable' });
  });

  it('HA10 reach no majority by reaching each other', () => {
    const cutOff = [said('bravo', sighting({ answer: 'timed-out', reaches: ['worker'] })), said('charlie', sighting({ answer: 'timed-out', reaches: [] }))];
    expect(classify(view(cutOff, null, { vantagePoints: together }))).toMatchObject({ class: 'observers-cut-off' });
  });
});

describe('age of what is known', () => {
  const FIVE = [...POINTS, point('delta'), point('echo')];
  const observation = fc.record({ observer: fc.constantFrom(...FIVE.map(({ name }) => name)), answer: fc.constantFrom(...ANSWERS), age: fc.integer({ min: 0, max: 6000 }), receiverAgeMs: fc.option(fc.integer({ min: 0, max: 4000 })), reaches: fc.subarray(FIVE.map(({ name }) => name)) });
  const agent = fc.option(fc.constantFrom<ProcessFacts>(RUNNING, GONE, { postmaster: 'frozen', children: 3 }));
  const seen = (words: readonly Observation<Sighting>[], process: ProcessFacts | null): PrimaryView => view(words, process, { vantagePoints: FIVE });
  const isDeath = (subject: PrimaryView): boolean => DEATHS.includes(classify(subject).class);
  const observe = ({ observer, age, answer, receiverAgeMs, reaches }: { observer: string; age: number; answer: Sighting['answer']; receiverAgeMs: number | null; reaches: string[] }) => said(observer, sighting({ answer, receiverAgeMs, reaches }), age);

  it('never makes a death of what was none when one word of an observer gets older', () => {
    fc.assert(
      fc.property(fc.uniqueArray(observation, { selector: ({ observer }) => observer }), agent, fc.nat(), fc.integer({ min: 1, max: 10_000 }), (words, process, which, older) => {
        const fresh = words.map(observe);
        fc.pre(fresh.length > 0 && !isDeath(seen(fresh, process)));
        const aged = words.map((word, index) => observe(index === which % words.length ? { ...word, age: word.age + older } : word));
        expect(isDeath(seen(aged, process))).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('decides nothing by words that the same observer has replaced', () => {
    fc.assert(
      fc.property(fc.array(observation), agent, (words, process) => {
        const log = words.map(observe);
        const last = FIVE.flatMap(({ name }) => log.filter(({ observer }) => observer === name).toSorted((left, right) => left.askedAt.ms - right.askedAt.ms).slice(-1));
        fc.pre(new Set(log.map(({ observer, askedAt }) => `${observer} ${askedAt.ms}`)).size === log.length);
        expect(classify(seen(log, process))).toEqual(classify(seen(last, process)));
      }),
    );
  });
});

describe('a silent vantage point', () => {
  it('counts again with the first word after it was struck off', () => {
    const vantagePoints = POINTS.map((one) => ({ ...one, struckOffAt: one.name === 'witness' ? ago(500) : null }));
    const heard = (age: number) => classify(view(seenBy('witness').map((one) => (one.observer === 'witness' ? { ...one, askedAt: ago(age) } : one)), null, { vantagePoints }));
    expect(heard(499)).toMatchObject({ class: 'partition' });
    expect(heard(500)).toMatchObject({ class: 'host-unreachable' });
  });

  it('is struck off only while most of the others see the primary', () => {
    const seeing = view(all({}).filter(({ observer }) => observer !== 'witness'));
    expect(mayStrikeOff(seeing, 'witness', 60_000, 60_000)).toBe(true);
    expect(mayStrikeOff(seeing, 'witness', 59_999, 60_000)).toBe(false);
    expect(mayStrikeOff(view(all({ answer: 'timed-out' })), 'witness', 3_600_000, 60_000)).toBe(false);
  });
});
