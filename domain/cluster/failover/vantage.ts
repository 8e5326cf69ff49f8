import { isFresh, isLater, lastWords, type Observation, type Reading } from '../reading.ts';
import { impressionOf, type Impression, type Sighting } from '../sighting.ts';

/** A place that looks at the primary. */
export interface VantagePoint {
  readonly name: string;
  readonly machine: string;
  /** When it was counted out, while the primary was well, because it had been silent for long; see {@link mayStrikeOff}. A later word of it counts again. */
  readonly struckOffAt: Reading | null;
}

export interface WatchLimits {
  /** Words older than this are stale. */
  readonly freshMs: number;
  /** Two intervals: how long nobody may have heard of the primary before it counts as lost (G4). */
  readonly silenceMs: number;
}

/** What is known from outside of one node. */
export interface View {
  readonly subject: { readonly name: string; readonly machine: string };
  readonly vantagePoints: readonly VantagePoint[];
  readonly sightings: readonly Observation<Sighting>[];
  readonly limits: WatchLimits;
  readonly now: Reading;
}

/** The last word of a vantage point that counts; null when it never said anything. */
export interface Word {
  readonly observer: string;
  readonly machine: string;
  readonly fresh: boolean;
  readonly impression: Impression | null;
  readonly sighting: Sighting | null;
}

/**
 * The last word about the subject of each vantage point that counts. One on the machine of the subject fails with it and says nothing about the network
 * (HA10). The others count even while they are silent, or a partition that hides them would make a majority of what is left.
 */
export function wordsOf({ subject, vantagePoints, sightings, limits, now }: View): readonly Word[] {
  const last = lastWords(sightings.filter(({ value }) => value.subject === subject.name), now);
  return vantagePoints.filter(({ name, machine }) => name !== subject.name && machine !== subject.machine).flatMap(({ name, machine, struckOffAt }): Word[] => {
    const word = last.get(name);
    if (struckOffAt !== null && (word === undefined || isLater(struckOffAt, word.askedAt, now))) return [];
    if (word === undefined) return [{ observer: name, machine, fresh: false, impression: null, sighting: null }];
    return [{ observer: name, machine, fresh: isFresh(word, now, limits.freshMs), impression: impressionOf(word.value, limits.silenceMs), sighting: word.value }];
  });
}

/** Vantage points are counted by machine: two on one machine are cut off together, and are one witness. */
export const machinesOf = (words: readonly Pick<Word, 'machine'>[]): number => new Set(words.map(({ machine }) => machine)).size;

export const isMajority = (count: number, of: number): boolean => count * 2 > of;

/**
 * Whether a silent member may be counted out: only while most of the others see the primary now. One that falls silent together with the primary may be
 * on its side of a partition, and stays counted.
 */
export function mayStrikeOff(view: View, name: string, silentForMs: number, strikeOffMs: number): boolean {
  const others = wordsOf(view).filter(({ observer }) => observer !== name);
  const seeing = others.filter(({ fresh, impression }) => fresh && impression === 'seen');
  return silentForMs >= strikeOffMs && isMajority(machinesOf(seeing), machinesOf(others));
}
