/**
 * The side of those who decide: begins rounds, remembers on its own clock when, and so knows how old a word is at most, whoever's clock it was said by.
 */
import type { AgentReport } from '../../domain/cluster/node-facts.ts';
import type { Observation, Reading } from '../../domain/cluster/reading.ts';
import type { Sighting } from '../../domain/cluster/sighting.ts';
import type { TimelineHistory } from '../../domain/cluster/timeline.ts';
import type { Catalog } from '../open-catalog.ts';
import { beginRound, readWords, WORD_CHANNEL } from './reports.ts';
import { BorrowedSession } from './borrowed-session.ts';
import { OwnRounds } from './own-rounds.ts';

export interface ClusterWords {
  readonly reports: readonly Observation<AgentReport>[];
  /** By node; of those that could read theirs. */
  readonly histories: ReadonlyMap<string, TimelineHistory>;
  readonly sightings: readonly Observation<Sighting>[];
  /** The machine of each observer that has sighted anything. */
  readonly machines: ReadonlyMap<string, string>;
}

export interface ClusterAsker extends AsyncDisposable {
  now(): Reading;
  /** Begins a round, which all agents answer at once; gives its number. */
  ask(): Promise<number>;
  /** The last word of everybody, each with the moment it is not older than. */
  words(): Promise<ClusterWords>;
  /** Until a word has come that `words` has not given yet, or so long. */
  heard(ms: number, signal?: AbortSignal): Promise<void>;
  /** A round, and what there is once all of these have answered it, or after so long. */
  askAll(nodes: readonly string[], waitMs: number): Promise<ClusterWords>;
}

/** Throws what the catalog throws when it is away; the next call dials it anew. */
export async function openAsker(catalog: Catalog, cluster: string): Promise<ClusterAsker> {
  const rounds = new OwnRounds();
  let unread = true;
  let wake = (): void => undefined;
  const session = new BorrowedSession(catalog.turns, WORD_CHANNEL, (payload) => {
    if (payload !== cluster) return;
    unread = true;
    wake();
  });
  await session.open();
  const ask = async (): Promise<number> => {
    const before = performance.now();
    const round = await beginRound(await session.open(), cluster);
    rounds.remember(round, before);
    return round;
  };
  const words = async (): Promise<ClusterWords> => {
    unread = false;
    return wordsOf(await readWords(await session.open(), cluster), rounds);
  };
  const heard = async (ms: number, signal?: AbortSignal): Promise<void> => {
    if (unread || signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => wake(), ms);
      wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      signal?.addEventListener('abort', wake, { once: true });
    });
  };
  const askAll = async (nodes: readonly string[], waitMs: number): Promise<ClusterWords> => {
    const deadline = performance.now() + waitMs;
    const asked = rounds.reading(await ask());
    for (;;) {
      const known = await words();
      const answered = known.reports.filter(({ askedAt }) => askedAt.clock === asked.clock && askedAt.ms >= asked.ms).map(({ observer }) => observer);
      const left = deadline - performance.now();
      if (left <= 0 || nodes.every((node) => answered.includes(node))) return known;
      await heard(left);
    }
  };
  return { now: () => rounds.now(), ask, words, heard, askAll, [Symbol.asyncDispose]: () => session.close() };
}

function wordsOf({ reports, sightings }: Awaited<ReturnType<typeof readWords>>, rounds: OwnRounds): ClusterWords {
  return {
    reports: reports.map(({ round, report }) => ({ observer: report.node, askedAt: rounds.reading(round), value: report })),
    histories: new Map(reports.flatMap(({ report, history }) => (history === null ? [] : [[report.node, history]]))),
    sightings: sightings.map(({ observer, round, sighting }) => ({ observer, askedAt: rounds.reading(round), value: sighting })),
    machines: new Map(sightings.map(({ observer, machine }) => [observer, machine])),
  };
}
