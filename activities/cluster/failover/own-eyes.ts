/** The worker that decides is a vantage point of its own: it dials the nodes as their agents do, and says in the catalog what it sees. */
import { hostname } from 'node:os';

import { KeptSession } from '../../../agent/kept-session.ts';
import { askPatiently, LIMIT_MS, LOST_ANSWERS } from '../../../agent/lookout.ts';
import { NameBook } from '../../../agent/name-book.ts';
import { publishSighting } from '../../../catalog/cluster/reports.ts';
import type { Catalog } from '../../../catalog/open-catalog.ts';
import type { Sighting } from '../../../domain/cluster/sighting.ts';
import type { ServerAddress } from '../../../domain/server.ts';

export interface OwnEyes extends AsyncDisposable {
  readonly vantage: { readonly name: string; readonly machine: string };
  /** Looks at a node and says what it saw in this round; of those it reaches it names who answered it lately. */
  look(subject: string, round: number, reaches: readonly string[]): Promise<void>;
}

/** Eyes that see what their own machine sees; of two workers on one machine it does not matter which looks. */
export function openEyes(catalog: Catalog, cluster: string, address: (node: string) => ServerAddress): OwnEyes {
  const machine = hostname();
  const vantage = { name: `worker:${machine}`, machine };
  const names = new NameBook();
  const sessions = new Map<string, KeptSession>();
  const sessionTo = (node: string, dialled: string): KeptSession => {
    const key = `${node} ${dialled}`;
    const known = sessions.get(key) ?? new KeptSession({ places: () => [{ ...address(node), host: dialled }], purpose: 'watch', patienceMs: LIMIT_MS, greet: async () => true });
    sessions.set(key, known);
    return known;
  };
  const last = new Map<string, Sighting['answer']>();
  return {
    vantage,
    look: async (subject, round, heard) => {
      const place = await names.find(address(subject).host, LIMIT_MS);
      const answer = await askPatiently(sessionTo(subject, place.address));
      last.set(subject, answer);
      const answering = [...last].filter(([, said]) => !LOST_ANSWERS.includes(said)).map(([node]) => node);
      const sighting: Sighting = { subject, answer, nameResolves: place.resolves, receiverAgeMs: null, reaches: [...new Set([...heard, ...answering])].filter((name) => name !== subject).toSorted() };
      await catalog.sessions.use((session) => publishSighting(session, { cluster, observer: vantage.name, machine, round, sighting }));
    },
    [Symbol.asyncDispose]: async () => void (await Promise.all([...sessions.values()].map((session) => session.close()))),
  };
}
