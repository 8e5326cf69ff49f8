import { isFresh, lastWords, type Observation, type Reading } from '../reading.ts';
import { impressionOf, type Impression, type Sighting } from '../sighting.ts';

/** A place that looks at the primary. */
export interface VantagePoint {
  readonly name: string;
  readonly machine: string;
  /** Counted out while the primary was well, because it had been silent for long; see {@link mayStrikeOff}. */
  readonly struckOff: boolean;
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
  readonly fresh: boolean;
  readonly impression: Impression | null;
  readonly sighting: Sighting | null;
}

/**
 * Those whose word counts: a vantage point on the machine of the subject fails with it and says nothing about the network (HA10), and so is no witness.
 * The others count even while they are silent, or a partition that hides them would make a majority of what is left.
 */
export const members = ({ subject, vantagePoints }: Pick<View, 'subject' | 'vantagePoints'>): readonly VantagePoint[] =>
  vantagePoints.filter(({ name, machine, struckOff }) => !struckOff && name !== subject.name && machine !== subject.machine);

/** The last word of each member about the subject. */
export function wordsOf(view: View): readonly Word[] {
  const last = lastWords(view.sightings.filter(({ value }) => value.subject === view.subject.name), view.now);
  return members(view).map(({ name }) => {
    const word = last.get(name);
    if (word === undefined) return { observer: name, fresh: false, impression: null, sighting: null };
    return { observer: name, fresh: isFresh(word, view.now, view.limits.freshMs), impression: impressionOf(word.value, view.limits.silenceMs), sighting: word.value };
  });
}

export const isMajority = (count: number, of: number): boolean => count * 2 > of;

/**
 * Whether a silent member may be counted out: only while most of the others see the primary now. One that falls silent together with the primary may be
 * on its side of a partition, and stays counted.
 */
export function mayStrikeOff(view: View, name: string, silentForMs: number, strikeOffMs: number): boolean {
  const others = wordsOf(view).filter(({ observer }) => observer !== name);
  const seeing = others.filter(({ fresh, impression }) => fresh && impression === 'seen').length;
  return silentForMs >= strikeOffMs && isMajority(seeing, others.length);
}
