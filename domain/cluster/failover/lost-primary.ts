/** What is kept of a primary from its last report as one: by then its agent may long say only that nobody answers. */
import type { AgentReport } from '../node-facts.ts';
import { acknowledgedLsn } from '../synchronous/acknowledged.ts';
import { parseSynchronousNames } from '../synchronous/names.ts';
import type { TimelineHistory } from '../timeline.ts';
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
