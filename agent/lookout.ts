import type { ClusterNode } from '../domain/cluster/cluster.ts';
import { isData } from '../domain/cluster/node.ts';
import type { AgentReport } from '../domain/cluster/node-facts.ts';
import type { Answer, Sighting } from '../domain/cluster/sighting.ts';
import type { ServerAddress } from '../domain/server.ts';
import { answerOf, askIfServing } from '../postgres/cluster/sight.ts';
import type { CatalogLine } from './catalog-line.ts';
import { KeptSession, within } from './kept-session.ts';
import { NameBook } from './name-book.ts';
import type { WakeUp } from './wake-up.ts';

/** How long an answer may take: within it a word has to be old enough to say something, and young enough to count. */
export const LIMIT_MS = 1000;
const EVERY_MS = 250;

export interface LookoutParts {
  readonly node: string;
  readonly nodes: () => readonly ClusterNode[];
  readonly address: (node: string) => ServerAddress;
  readonly line: CatalogLine;
  /** What was seen here last. */
  readonly report: () => AgentReport | undefined;
  readonly wake: WakeUp;
}

interface Subject {
  readonly name: string;
  session: KeptSession;
  dialled: string;
  busy: boolean;
  answer: Answer | undefined;
}

/** Answers of nobody. */
export const LOST_ANSWERS: readonly (Answer | undefined)[] = [undefined, 'refused', 'timed-out', 'unreachable'];

/** What can be seen from here of the other nodes with data: each is asked by its address over a connection that is kept open. */
export class Lookout {
  readonly #parts: LookoutParts;
  readonly #subjects = new Map<string, Subject>();
  readonly #names = new NameBook();

  constructor(parts: LookoutParts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const others = this.#parts.nodes().filter((node) => isData(node) && node.name !== this.#parts.node);
      for (const node of others) void this.#look(node, signal);
      await this.#parts.wake.sleep(EVERY_MS, signal);
    }
    await Promise.all([...this.#subjects.values()].map(({ session }) => session.close()));
  }

  /** One look at a time; one that ended after another round had begun is followed by the next at once. */
  async #look(node: ClusterNode, signal: AbortSignal): Promise<void> {
    const subject = this.#subjectOf(node);
    if (subject.busy) return;
    subject.busy = true;
    try {
      let round: number;
      do {
        round = this.#parts.line.round;
        const sighting = await this.#sight(node, subject);
        await this.#parts.line.saySighting({ machine: this.#machine(), round, sighting });
      } while (round < this.#parts.line.round && !signal.aborted);
    } finally {
      subject.busy = false;
    }
  }

  async #sight(node: ClusterNode, subject: Subject): Promise<Sighting> {
    const { address, resolves } = await this.#names.find(node.host, LIMIT_MS);
    if (subject.dialled !== address) {
      subject.session.drop();
      subject.dialled = address;
    }
    subject.answer = await askPatiently(subject.session);
    return { subject: node.name, answer: subject.answer, nameResolves: resolves, receiverAgeMs: this.#receiverAge(node), reaches: this.#reaches(node.name) };
  }

  /** Those that the catalog hears, and those that answer when they are dialled. */
  #reaches(subject: string): readonly string[] {
    const answering = [...this.#subjects.values()].filter(({ answer }) => !LOST_ANSWERS.includes(answer)).map(({ name }) => name);
    return [...new Set([...this.#parts.line.speakers, ...answering])].filter((name) => name !== subject).toSorted();
  }

  #receiverAge({ host, port }: ClusterNode): number | null {
    const server = this.#parts.report()?.server;
    const receiver = server !== undefined && 'ok' in server ? server.ok.receiver : null;
    return receiver !== null && receiver.senderHost === host && receiver.senderPort === port ? receiver.lastMessageAgeMs : null;
  }

  readonly #machine = (): string => this.#parts.nodes().find(({ name }) => name === this.#parts.node)?.machine ?? this.#parts.node;

  #subjectOf({ name, host }: ClusterNode): Subject {
    const known = this.#subjects.get(name);
    if (known !== undefined) return known;
    const subject: Subject = { name, dialled: host, busy: false, answer: undefined, session: new KeptSession({ places: () => [{ ...this.#parts.address(name), host: subject.dialled }], purpose: `watch_${this.#parts.node}`, patienceMs: LIMIT_MS, greet: async () => true }) };
    this.#subjects.set(name, subject);
    return subject;
  }
}

/** A connection that breaks was one to a server that went away: whether it is still away, a second attempt tells. */
export async function askPatiently(session: KeptSession): Promise<Answer> {
  const started = performance.now();
  const left = (): number => Math.max(1, LIMIT_MS - (performance.now() - started));
  const once = (): Promise<Answer> => within(session.ask(askIfServing), left(), () => session.drop());
  try {
    return await once().catch(once);
  } catch (error) {
    return answerOf(error, left() <= LIMIT_MS / 10);
  }
}
