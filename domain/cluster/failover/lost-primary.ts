/** What is kept of a primary from its last report as one: by then its agent may long say only that nobody answers. */
import type { AgentReport } from '../node-facts.ts';
import { furthest, positionOf } from '../position.ts';
import { acknowledgedLsn } from '../synchronous/acknowledged.ts';
import { parseSynchronousNames } from '../synchronous/names.ts';
import type { TimelineHistory } from '../timeline.ts';
import type { Situation } from './assess.ts';
import type { LostPrimary } from './elect.ts';

export interface LastServing {
  readonly report: AgentReport;
  readonly history: TimelineHistory | null;
}

/** Null when there is no such report, or it lacks what an election has to know. */
export function lostPrimaryOf(name: string, serving: LastServing | null, systemIdentifier: string): LostPrimary | null {
  if (serving === null || 'failed' in serving.report.server) return null;
  const { inRecovery, writeLsn, timeline, major, settings, senders } = serving.report.server.ok;
  const history = serving.history ?? (timeline === 1 ? { timeline, ancestors: [] } : null);
  if (inRecovery || writeLsn === null || history === null) return null;
  const synchronous = parseSynchronousNames(settings['synchronous_standby_names']?.value ?? '');
  return { name, systemIdentifier, major, history, writeLsn, synchronous, acknowledgedLsn: synchronous === null ? null : acknowledgedLsn(synchronous, senders) };
}

/** In the place of a primary of which nothing is kept: as far as the furthest standby says. What was written beyond is given up, and an operator has to say so. */
export function standInFor({ primary, reports, histories }: Pick<Situation, 'primary' | 'reports' | 'histories'>): LostPrimary | null {
  const known = reports.flatMap(({ observer, value }) => {
    const history = histories.get(observer);
    if (observer === primary.name || history === undefined || 'failed' in value.server || 'failed' in value.control || !value.server.ok.inRecovery) return [];
    const position = positionOf(value.server.ok);
    return position === null ? [] : [{ history, position, major: value.server.ok.major, systemIdentifier: value.control.ok.systemIdentifier }];
  });
  const best = furthest(known.map(({ position }) => position));
  const node = known.find(({ position }) => position === best);
  if (node === undefined || best === null) return null;
  return { name: primary.name, systemIdentifier: node.systemIdentifier, major: node.major, history: node.history, writeLsn: best, acknowledgedLsn: null, synchronous: null };
}
