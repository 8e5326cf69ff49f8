/** The questions that a failover asks, put together from what a cluster is, what was said about it, and what is remembered. */
import type { ClusterPlan } from '../cluster.ts';
import type { Epoch } from '../epoch.ts';
import { isData, type NodeDeclaration } from '../node.ts';
import type { AgentReport } from '../node-facts.ts';
import { ageMs, isFresh, type Observation, type Reading } from '../reading.ts';
import type { Sighting } from '../sighting.ts';
import type { TimelineHistory } from '../timeline.ts';
import type { PrimaryView } from './classify.ts';
import type { Candidate, ElectionQuestion, LostPrimary } from './elect.ts';
import type { FenceFacts } from './fence.ts';
import { type ClusterMemory, followerOf } from './memory.ts';

export interface Situation {
  readonly plan: Pick<ClusterPlan, 'nodes' | 'watch' | 'lease'>;
  readonly primary: NodeDeclaration;
  readonly reports: readonly Observation<AgentReport>[];
  readonly histories: ReadonlyMap<string, TimelineHistory>;
  readonly sightings: readonly Observation<Sighting>[];
  readonly memory: ClusterMemory;
  /** A vantage point that is no node: the worker that looks. */
  readonly outside: readonly { readonly name: string; readonly machine: string }[];
  readonly now: Reading;
}

/** The primary as it is registered; undefined when none is. */
export const primaryOf = (nodes: readonly NodeDeclaration[]): NodeDeclaration | undefined => nodes.find(({ role }) => role === 'primary');

const standbysOf = ({ plan, primary }: Situation): readonly NodeDeclaration[] => plan.nodes.filter((node) => isData(node) && node.name !== primary.name);

/** Only nodes and who looks are vantage points: what a worker that is gone saw last would never be taken back. */
export function viewOf({ plan, primary, reports, sightings, memory, outside, now }: Situation): PrimaryView {
  const points = [...plan.nodes, ...outside].map(({ name, machine }) => ({ name, machine, struckOffAt: memory.struckOffAt[name] ?? null }));
  return { subject: primary, vantagePoints: points, sightings, limits: plan.watch, now, agent: reports.find(({ observer }) => observer === primary.name) ?? null };
}

/** Who was seen to be writable by somebody, at that one's last word, but for the primary that is lost (HA15). */
export const writableElsewhere = ({ primary, reports, sightings, plan, now }: Situation): readonly string[] => {
  const seen = sightings.filter((sighting) => sighting.value.answer === 'serving' && isFresh(sighting, now, plan.watch.freshMs)).map(({ value }) => value.subject);
  const said = reports.filter((report) => isFresh(report, now, plan.watch.freshMs) && 'ok' in report.value.server && !report.value.server.ok.inRecovery).map(({ observer }) => observer);
  return [...new Set([...seen, ...said])].filter((name) => name !== primary.name && plan.nodes.some((node) => node.name === name)).toSorted();
};

/** What the fence is judged by, but for the proofs that come from outside. */
export interface FenceGiven extends Pick<FenceFacts, 'poweredOff' | 'consent' | 'routeClosed'> {
  readonly epoch: Epoch;
  readonly synchronous: FenceFacts['synchronous'];
}

export function fenceFactsOf(situation: Situation, given: FenceGiven): FenceFacts {
  const { plan, primary, reports, memory, now } = situation;
  const report = reports.find((one) => one.observer === primary.name && isFresh(one, now, plan.watch.freshMs))?.value;
  return {
    ...given,
    // That it has kept our epoch before it acts makes what it says afterwards an answer to our order.
    agent: report === undefined ? null : { epoch: report.epoch, processesLeft: report.process.children + (report.process.postmaster === 'gone' || report.process.postmaster === 'zombie' ? 0 : 1), tombstone: report.tombstone },
    followers: standbysOf(situation).map((standby) => followerOf(standby, memory, situation)),
    lease: plan.lease,
    lastContactAt: memory.contacts[primary.name]?.at ?? null,
    lastServedAt: memory.servedAt[primary.name] ?? null,
    freshMs: plan.watch.freshMs,
    now,
  };
}

export function electionOf(situation: Situation, lost: LostPrimary, wish: Pick<ElectionQuestion, 'named' | 'acceptLoss'>): ElectionQuestion {
  const { plan, reports, histories, now } = situation;
  const candidates = plan.nodes.map((declaration): Candidate => ({ declaration, report: reports.find(({ observer }) => observer === declaration.name) ?? null, history: histories.get(declaration.name) ?? null }));
  return { ...wish, lost, candidates, maxLossBytes: plan.watch.maxLossBytes, freshMs: plan.watch.freshMs, now };
}

/** Standbys that are worth waiting for: they were heard of when the primary was lost, and have not said yet where they stand without their receivers. */
export const outstanding = (situation: Situation, speakers: readonly string[]): readonly string[] =>
  standbysOf(situation).filter(({ name }) => speakers.includes(name)).map((standby) => followerOf(standby, situation.memory, situation)).filter(({ detachedForMs }) => detachedForMs === null || detachedForMs.value === 0 || !isFresh(detachedForMs, situation.now, situation.plan.watch.freshMs)).map(({ name }) => name);

/** Whose agents have spoken lately. */
export const spokenBy = ({ reports, plan, now }: Situation): readonly string[] => reports.filter((report) => isFresh(report, now, plan.watch.freshMs)).map(({ observer }) => observer);

/** What whoever saw the loss hands on to whoever acts, on another clock: ages, which can only have grown since. */
export interface HandedOn {
  readonly contact: { readonly mark: string; readonly agoMs: number } | null;
  readonly struckOff: readonly string[];
  /** Who had spoken lately. */
  readonly speakers: readonly string[];
}

export function handOn(situation: Situation): HandedOn {
  const { memory, primary, now } = situation;
  const contact = memory.contacts[primary.name];
  const contactAgo = contact === undefined ? undefined : ageMs(contact.at, now);
  return {
    contact: contact === undefined || contactAgo === undefined ? null : { mark: contact.mark, agoMs: contactAgo },
    struckOff: Object.keys(memory.struckOffAt),
    speakers: spokenBy(situation),
  };
}

/** A memory that begins with what another one handed on. A contact counts as long as no newer word came. */
export function takeOver(handed: HandedOn | null, primary: string, now: Reading): ClusterMemory {
  const ago = (ms: number): Reading => ({ clock: now.clock, ms: now.ms - ms });
  return {
    since: now,
    contacts: handed === null || handed.contact === null ? {} : { [primary]: { mark: handed.contact.mark, at: ago(handed.contact.agoMs) } },
    detachedSince: {},
    servedAt: {},
    struckOffAt: Object.fromEntries((handed?.struckOff ?? []).map((name) => [name, now])),
  };
}
