import { hostname } from 'node:os';

import type { ClusterNode, ClusterPlan } from '../domain/cluster/cluster.ts';
import type { SelfFence } from '../domain/cluster/failover/self-fence.ts';
import { isData } from '../domain/cluster/node.ts';
import type { AgentReport, PostmasterState } from '../domain/cluster/node-facts.ts';
import type { TimelineHistory } from '../domain/cluster/timeline.ts';
import { OperationError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { ServerAddress } from '../domain/server.ts';
import type { Session } from '../postgres/connection.ts';
import { addStandbySignal } from '../programs/cluster/standby-signal.ts';
import { stopServer } from '../programs/cluster/stop-server.ts';
import type { PostgresCluster } from '../programs/postgres-cluster.ts';
import type { AgentJournal } from './agent-journal.ts';
import type { AgentParts } from './agent-parts.ts';
import { Announcer } from './announcer.ts';
import { CatalogLine } from './catalog-line.ts';
import { openJournal } from './file-journal.ts';
import type { KeptSession } from './kept-session.ts';
import { keepLease } from './lease.ts';
import { localServer } from './local-server.ts';
import { Lookout } from './lookout.ts';
import type { NodeAgent, NodeOrder } from './node-agent.ts';
import { Observation } from './observation.ts';
import { OrderBook } from './order-book.ts';
import { ownServer } from './own-server.ts';
import { ProcessWatch } from './process-watch.ts';
import { shieldUnfinished } from './shield-unfinished.ts';
import { StandbyReplies } from './standby-replies.ts';
import { WakeUp } from './wake-up.ts';

const PATIENCE_MS = 1000;

/** An agent at work. It observes, tells the catalog, keeps its lease and takes orders until it is closed; the server goes on without it. */
export class RunningAgent implements NodeAgent, AsyncDisposable {
  readonly cluster: string;
  readonly node: string;
  readonly stateDir: string;
  readonly journal: AgentJournal;
  readonly #parts: AgentParts;
  readonly #orders: OrderBook;
  readonly #line: CatalogLine;
  readonly #own: KeptSession;
  /** Of its own, because a statement of an order may take long, and looking may not. */
  readonly #ordersSession: KeptSession;
  readonly #leaseSession: KeptSession;
  readonly #processes: ProcessWatch;
  readonly #observation: Observation;
  readonly #announcer: Announcer;
  readonly #server: () => Promise<PostgresCluster>;
  readonly #end = new AbortController();
  readonly #wakeUps = [new WakeUp(), new WakeUp()] as const;
  #loops: Promise<unknown> = Promise.resolve();
  #plan: ClusterPlan;
  #stopsExpected = 0;
  /** Whether the server was a primary when it last answered; undefined: it has not, since it started. */
  #writable: boolean | undefined;
  /** Whether anybody has looked since the postmaster that runs was started: what was seen of the one before says nothing of it. */
  #lookedAtIt = false;
  /** The own stop that the audit has. */
  #toldFence: string | null = null;

  private constructor(parts: AgentParts, journal: AgentJournal) {
    this.#parts = parts;
    this.cluster = parts.cluster;
    this.node = parts.node;
    this.stateDir = parts.stateDir;
    this.journal = journal;
    this.#plan = parts.plan([]);
    this.#orders = new OrderBook(parts.node, journal);
    const wakeAll = (): void => this.#wakeUps.forEach((one) => one.call());
    this.#line = new CatalogLine({ ...parts, asked: wakeAll, back: () => void this.#tellSelfFence() });
    const self = (): ClusterNode => this.self();
    const address = (): ServerAddress => parts.address(parts.node);
    this.#own = ownServer({ self, address, purpose: 'agent', patienceMs: PATIENCE_MS });
    this.#ordersSession = ownServer({ self, address, purpose: 'agent_orders', patienceMs: 10 * PATIENCE_MS });
    this.#leaseSession = ownServer({ self, address, purpose: 'agent_lease', patienceMs: PATIENCE_MS });
    this.#server = localServer({ ...parts, self, major: () => this.plan().major });
    this.#processes = new ProcessWatch({ dataDir: () => this.self().dataDir, stopExpected: () => this.#stopsExpected > 0, changed: (state) => this.#changed(state), killed: (count) => parts.log.warn({ count }, 'killed what a dead postmaster had left behind') });
    this.#observation = new Observation({ node: parts.node, journal, processes: this.#processes, own: this.#own, server: this.#server });
    this.#announcer = new Announcer({ observation: this.#observation, line: this.#line, wake: this.#wakeUps[0], log: parts.log, seen: (report) => this.#seen(report) });
  }

  /** Throws `name_unknown`, `inventory_invalid`, and `node_failed` when its journal cannot be read. Neither the catalog nor the server has to be there. */
  static async start(parts: AgentParts): Promise<RunningAgent> {
    const agent = new RunningAgent(parts, await openJournal(parts.stateDir));
    agent.self();
    agent.#begin();
    return agent;
  }

  plan(): ClusterPlan {
    try {
      this.#plan = this.#parts.plan(this.#line.registered);
    } catch (error) {
      if (!(error instanceof OperationError)) throw error; // while it is being edited, what it said before counts
    }
    return this.#plan;
  }

  self(): ClusterNode {
    const self = this.plan().nodes.find(({ name }) => name === this.node);
    if (self !== undefined) return self;
    throw new OperationError('name_unknown', `node "${this.node}" is not in cluster "${this.cluster}" of the inventory any more`, { context: { kind: 'node', name: this.node } });
  }

  server(): Promise<PostgresCluster> {
    return this.#server();
  }

  address(node: string): ServerAddress {
    return this.#parts.address(node);
  }

  replicationPassword(): Secret | undefined {
    return this.#parts.password('replication');
  }

  applicationPassword(): Secret | undefined {
    return this.#parts.password('application');
  }

  session(): Promise<Session> {
    return this.#ordersSession.open();
  }

  look(): Promise<AgentReport> {
    return this.#announcer.look();
  }

  async history(): Promise<TimelineHistory | null> {
    return await this.#observation.historyOf(this.#announcer.last ?? (await this.look()));
  }

  obey<T>(order: NodeOrder, name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#orders.obey(order, name, work);
  }

  expectStop(): Disposable {
    this.#stopsExpected += 1;
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) this.#stopsExpected -= 1;
        held = false;
      },
    };
  }

  /** Ends the agent; the server goes on. */
  async close(): Promise<void> {
    this.#orders.stop();
    this.#end.abort();
    await this.#loops;
    await Promise.all([this.#line, this.#own, this.#ordersSession, this.#leaseSession].map((one) => one.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #begin(): void {
    const { signal } = this.#end;
    const { log, node } = this.#parts;
    const lookout = new Lookout({ node, nodes: () => this.plan().nodes, address: (name) => this.#parts.address(name), line: this.#line, report: () => this.#announcer.last, wake: this.#wakeUps[1] });
    const lease = { terms: () => this.plan().lease, contactAt: () => this.#line.contactAt, replies: new StandbyReplies(this.#leaseSession), serves: () => this.#serves(), stop: (verdict: SelfFence) => this.#stopOurselves(verdict) };
    const witness = !isData(this.self());
    this.#loops = Promise.all([this.#announcer.run(signal), lookout.run(signal), ...(witness ? [] : [this.#processes.run(signal), keepLease(lease, signal)])]).catch((error: unknown) => log.error({ reason: String(error) }, 'a loop of the agent has ended'));
    this.#orders.holdUntil(this.#recover());
    log.info({ cluster: this.cluster, host: hostname(), stateDir: this.stateDir }, `the agent of node ${node} is on watch`);
  }

  /** What a window had begun when the agent was killed is ended before anything else. */
  async #recover(): Promise<void> {
    const unfinished = await shieldUnfinished({ journal: this.journal, server: this.#server }).catch((error: unknown) => String(error));
    if (unfinished !== null) this.#parts.log.warn({ unfinished }, 'a data directory was left half rewritten; it is kept from coming up as a primary');
    const { window } = this.journal.facts();
    if (window === null || this.#parts.recoverWindow === undefined) return;
    this.#parts.log.warn({ operation: window.operation, step: window.step }, 'a write-blocked window was open when the agent ended');
    await this.#parts.recoverWindow(this, window).catch((error: unknown) => this.#parts.log.error({ reason: String(error) }, 'the window could not be ended'));
  }

  #seen({ server, process }: AgentReport): void {
    if ('ok' in server) this.#writable = !server.ok.inRecovery;
    this.#lookedAtIt = process.postmaster !== 'gone' && process.postmaster !== 'zombie';
    if (!this.#lookedAtIt) this.#writable = undefined;
    // Somebody has started it again, and what had happened is in the audit.
    if ('ok' in server && this.#toldFence !== null && this.#toldFence === this.journal.facts().selfFencedAt) void this.journal.keep({ selfFencedAt: null });
  }

  /** A server that runs and has not answered yet is what its files say. */
  #serves(): boolean {
    const { last } = this.#announcer;
    const state = this.#processes.state;
    if (this.#stopsExpected > 0 || state === undefined || state === 'gone' || state === 'zombie' || last === undefined || !this.#lookedAtIt) return false;
    return this.#writable ?? ('ok' in last.control && last.control.ok.state === 'in production' && !last.tombstone);
  }

  #changed(state: PostmasterState): void {
    this.#parts.log.info({ state }, 'the postmaster has changed');
    const dead = state === 'gone' || state === 'zombie';
    if (dead) this.#lookedAtIt = false;
    if (dead) this.#writable = undefined;
    if (dead && this.#stopsExpected === 0) void this.#processes.look().then((process) => this.#announcer.tellDeath(process));
    this.#wakeUps.forEach((one) => one.call());
  }

  /** Fast and never smart (HA6). The signal goes out first, because the lease does not wait for a disk; whoever starts it again, it comes up read-only. */
  async #stopOurselves(verdict: SelfFence): Promise<void> {
    using _ = this.expectStop();
    const server = await this.#server();
    const stop = stopServer(server, { mode: 'fast', withinMs: this.plan().lease.stopMs });
    this.#parts.log.error({ rule: verdict.rule }, `stops its own server: ${verdict.reason}`);
    const kept = Promise.all([this.journal.keep({ selfFencedAt: new Date().toISOString() }), addStandbySignal(server)]);
    const { how, processesLeft } = await stop;
    await kept;
    this.#parts.log.error({ how, processesLeft }, 'has stopped its own server');
    void this.#tellSelfFence();
  }

  /** An audit event, as soon as the catalog takes it; the same one is kept once. */
  async #tellSelfFence(): Promise<void> {
    const at = this.journal.facts().selfFencedAt;
    if (at === null) return;
    const { cluster, node } = this;
    const event = { eventId: `self-fence/${node}/${at}`, actor: `agent of ${node}`, action: 'node.self-fence', object: `node ${node} of cluster ${cluster}`, detail: { at, lease: this.plan().lease }, result: 'done' } as const;
    try {
      await this.#parts.audit(event);
      this.#toldFence = at;
    } catch (error) {
      this.#parts.log.warn({ reason: (error as Error).message }, 'the catalog did not take the event of the own stop yet');
    }
  }
}
