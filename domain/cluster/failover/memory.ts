/**
 * What whoever decides remembers from look to look. A word says how things are; since when they are so is known only to one who has looked all the time,
 * on its own clock, and it is always counted from when it was first *seen* to be so: later than it was, never earlier.
 */
import type { AgentReport } from '../node-facts.ts';
import { ageMs, type Observation, type Reading } from '../reading.ts';
import type { Sighting } from '../sighting.ts';
import type { Follower } from './fence.ts';
import { mayStrikeOff, type View } from './vantage.ts';

export interface Look {
  readonly reports: readonly Observation<AgentReport>[];
  readonly sightings: readonly Observation<Sighting>[];
  /** Of each node, what tells its last word in the catalog from the one before; it is compared for being another, and for nothing else. */
  readonly marks: Readonly<Record<string, string>>;
  readonly now: Reading;
}

export interface ClusterMemory {
  readonly since: Reading;
  /** Of each node, the last mark and when it was first seen: not earlier than the agent can have got through to the catalog. */
  readonly contacts: Readonly<Record<string, { readonly mark: string; readonly at: Reading }>>;
  /** Since when every report of a node was without a receiver. */
  readonly detachedSince: Readonly<Record<string, Reading>>;
  /** When a node was last dialled and served. */
  readonly servedAt: Readonly<Record<string, Reading>>;
  readonly struckOffAt: Readonly<Record<string, Reading>>;
}

export const emptyMemory = (since: Reading): ClusterMemory => ({ since, contacts: {}, detachedSince: {}, servedAt: {}, struckOffAt: {} });

export function remember(memory: ClusterMemory, { reports, sightings, marks, now }: Look): ClusterMemory {
  const contacts = Object.fromEntries(Object.entries(marks).map(([node, mark]) => [node, memory.contacts[node]?.mark === mark ? memory.contacts[node] : { mark, at: now }]));
  const detached = reports.filter(({ askedAt, value }) => askedAt.clock === now.clock && hasNoReceiver(value));
  const served = sightings.filter(({ askedAt, value }) => askedAt.clock === now.clock && value.answer === 'serving');
  return {
    ...memory,
    contacts,
    // Whoever does not say that it has let go starts anew.
    detachedSince: Object.fromEntries(detached.map(({ observer }) => [observer, memory.detachedSince[observer] ?? now])),
    servedAt: served.reduce<Readonly<Record<string, Reading>>>((known, { askedAt, value: { subject } }) => ({ ...known, [subject]: later(known[subject], askedAt) }), memory.servedAt),
  };
}

/** It says that it receives nothing, or there is no process that could. */
const hasNoReceiver = ({ server, process }: AgentReport): boolean => ('ok' in server ? server.ok.inRecovery && server.ok.receiver === null : process.postmaster === 'gone' && process.children === 0);

const later = (known: Reading | undefined, at: Reading): Reading => (known !== undefined && known.clock === at.clock && known.ms > at.ms ? known : at);

/** Counts out who has been silent for long, as far as that is allowed; whoever speaks again counts again by itself. */
export function strikeOff(memory: ClusterMemory, view: View, strikeOffMs: number): ClusterMemory {
  const silent = view.vantagePoints.filter(({ name }) => memory.struckOffAt[name] === undefined && mayStrikeOff(view, name, silentForMs(memory, view, name), strikeOffMs));
  return silent.length === 0 ? memory : { ...memory, struckOffAt: { ...memory.struckOffAt, ...Object.fromEntries(silent.map(({ name }) => [name, view.now])) } };
}

function silentForMs({ since }: ClusterMemory, { sightings, subject, now }: View, name: string): number {
  const ages = sightings.filter(({ observer, value }) => observer === name && value.subject === subject.name).map(({ askedAt }) => ageMs(askedAt, now) ?? Infinity);
  // Nobody has been silent for longer than we have listened.
  return Math.min(ageMs(since, now) ?? 0, ...ages);
}

/** A standby as the fence wants to know it, from a report that is not older than the order to detach. */
export function followerOf({ name, applicationName }: Pick<Follower, 'name' | 'applicationName'>, memory: ClusterMemory, { reports, now }: Pick<Look, 'reports' | 'now'>): Follower {
  const report = reports.find(({ observer }) => observer === name);
  const since = memory.detachedSince[name];
  if (report === undefined || ('failed' in report.value.server && since === undefined)) return { name, applicationName, detachedForMs: null };
  return { name, applicationName, detachedForMs: { observer: name, askedAt: report.askedAt, value: since === undefined ? 0 : Math.max(1, ageMs(since, now) ?? 0) } };
}
