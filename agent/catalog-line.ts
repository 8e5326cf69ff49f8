import { listNodesOver } from '../catalog/cluster/nodes.ts';
import { hearAround, publishReport, publishSighting, ROUND_CHANNEL, type NodeWord, type SightingWord } from '../catalog/cluster/reports.ts';
import type { NodeDeclaration } from '../domain/cluster/node.ts';
import type { Session } from '../postgres/connection.ts';
import { listenTo } from '../postgres/listen.ts';
import type { AgentLog, CatalogPlace } from './agent-parts.ts';
import { KeptSession } from './kept-session.ts';

const PATIENCE_MS = 1000;
const REGISTRATIONS_EVERY_MS = 1000;

export interface CatalogLineParts {
  readonly cluster: string;
  readonly node: string;
  readonly catalog: CatalogPlace;
  readonly log: AgentLog;
  /** A round has begun. */
  readonly asked: () => void;
  /** The catalog was reached again. */
  readonly back: () => void;
}

/**
 * The agent's own connection to the catalog: it hears rounds begin, and says what the agent saw. Nothing that is said here has to survive a crash of the
 * catalog, so nothing waits for its disk. When the catalog is away each word is lost, and the next one dials anew.
 */
export class CatalogLine {
  readonly #parts: CatalogLineParts;
  readonly #session: KeptSession;
  #round = 0;
  #speakers: readonly string[] = [];
  #registered: readonly NodeDeclaration[] = [];
  #registeredAt = -Infinity;
  #contactAt: number;
  #away = false;

  constructor(parts: CatalogLineParts) {
    this.#parts = parts;
    this.#contactAt = performance.now();
    const { address, database } = parts.catalog;
    this.#session = new KeptSession({ places: () => [address], database, purpose: `agent_${parts.node}`, patienceMs: PATIENCE_MS, settings: { synchronous_commit: 'off' }, greet: (session) => this.#greet(session) });
  }

  /** The newest round that was heard of. */
  get round(): number {
    return this.#round;
  }

  /** Others that the catalog has heard of within the last second. */
  get speakers(): readonly string[] {
    return this.#away ? [] : this.#speakers;
  }

  get registered(): readonly NodeDeclaration[] {
    return this.#registered;
  }

  /** On our monotonic clock: before the last word was sent that the catalog took; at first, the start of the agent. */
  get contactAt(): number {
    return this.#contactAt;
  }

  /** Asks which round it is, before a look; without an answer it is the last that was heard of. No contact: whoever decides only sees what is said. */
  async hear(): Promise<void> {
    await this.#use(async (session) => {
      const { round, speakers } = await hearAround(session, this.#parts.cluster);
      this.#round = Math.max(this.#round, round);
      this.#speakers = speakers.filter((name) => name !== this.#parts.node);
      if (performance.now() - this.#registeredAt < REGISTRATIONS_EVERY_MS) return;
      this.#registered = (await listNodesOver(session, this.#parts.cluster)).map(({ declaration }) => declaration);
      this.#registeredAt = performance.now();
    });
  }

  /** Gives whether the catalog took it. Only this is contact: what it cannot read of us, nobody can count on. */
  async say(word: Omit<NodeWord, 'cluster'>): Promise<boolean> {
    return await this.#tell((session) => publishReport(session, { ...word, cluster: this.#parts.cluster }));
  }

  async saySighting(word: Omit<SightingWord, 'cluster' | 'observer'>): Promise<boolean> {
    return await this.#tell((session) => publishSighting(session, { ...word, cluster: this.#parts.cluster, observer: this.#parts.node }));
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  async #tell(work: (session: Session) => Promise<void>): Promise<boolean> {
    const before = performance.now();
    const taken = await this.#use(work);
    if (taken) this.#contactAt = Math.max(this.#contactAt, before);
    return taken;
  }

  async #use(work: (session: Session) => Promise<void>): Promise<boolean> {
    try {
      await this.#session.ask(work);
    } catch (error) {
      if (!this.#away) this.#parts.log.warn({ reason: (error as Error).message }, 'the catalog does not answer');
      this.#away = true;
      return false;
    }
    if (!this.#away) return true;
    this.#away = false;
    this.#parts.log.info({}, 'the catalog answers again');
    this.#parts.back();
    return true;
  }

  async #greet(session: Session): Promise<boolean> {
    await listenTo(session, ROUND_CHANNEL, (payload) => {
      const [cluster, round] = payload.split(' ');
      if (cluster !== this.#parts.cluster) return;
      this.#round = Math.max(this.#round, Number(round));
      this.#parts.asked();
    });
    return true;
  }
}
