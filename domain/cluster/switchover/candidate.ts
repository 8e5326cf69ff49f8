/** Which standby a planned switchover goes to, when the operator named none: the preferred one, not the furthest, since all will have everything. */
import type { Citation, Exclusion } from '../citation.ts';
import { lsnDistance, type Lsn } from '../../lsn.ts';
import { settingNumber } from '../../preflight/server-facts.ts';
import type { NodeDeclaration } from '../node.ts';
import type { AgentReport, ServerState } from '../node-facts.ts';
import { positionOf } from '../position.ts';
import { isFresh, type Observation, type Reading } from '../reading.ts';

export interface CandidateQuestion {
  readonly primary: { readonly name: string; readonly writeLsn: Lsn; readonly timeline: number; readonly senders: ServerState['senders'] };
  readonly standbys: readonly { readonly declaration: NodeDeclaration; readonly report: Observation<AgentReport> | null }[];
  readonly lagBytes: number;
  readonly freshMs: number;
  readonly now: Reading;
}

export interface CandidateChoice {
  readonly candidate: string | null;
  readonly excluded: readonly Exclusion[];
}

type Standby = CandidateQuestion['standbys'][number];

export function chooseCandidate(question: CandidateQuestion): CandidateChoice {
  const excluded = question.standbys.flatMap((standby) => exclude(standby, question) ?? []);
  const able = question.standbys.filter(({ declaration }) => !excluded.some(({ node }) => node === declaration.name));
  const [first] = able.toSorted((left, right) => right.declaration.priority - left.declaration.priority || lag(left, question) - lag(right, question) || (left.declaration.name < right.declaration.name ? -1 : 1));
  return { candidate: first?.declaration.name ?? null, excluded };
}

function lag({ report }: Standby, { primary }: CandidateQuestion): number {
  const server = report?.value.server;
  const position = server !== undefined && 'ok' in server ? positionOf(server.ok) : null;
  return position === null ? Infinity : lsnDistance(position, primary.writeLsn);
}

function exclude(standby: Standby, question: CandidateQuestion): Exclusion | undefined {
  const { declaration, report } = standby;
  const out = (rule: string, by: readonly Citation[], reason: string, override: string | null = null): Exclusion => ({ node: declaration.name, rule, by, reason, override });
  if (declaration.role === 'witness') return out('witness', ['HA10'], 'A witness holds no data.');
  if (declaration.priority === 0) return out('priority-zero', ['R55'], 'Its priority is 0.', 'register it with a priority');
  if (report === null || !isFresh(report, question.now, question.freshMs)) return out('no-fresh-report', ['C2'], 'Its agent has not reported lately.');
  if (report.value.destructiveStep !== null) return out('destructive-step-pending', ['HA21'], `${report.value.destructiveStep} began to rewrite its data directory and did not end.`);
  if ('failed' in report.value.server) return out('no-answer', ['C2'], `Its server did not answer: ${report.value.server.failed.message}.`);
  const server = report.value.server.ok;
  if (declaration.applyDelayMs > 0 || (settingNumber(server.settings, 'recovery_min_apply_delay') ?? 0) > 0) return out('delayed', ['HA28'], 'It is kept behind on purpose.');
  if (!server.inRecovery || server.timeline !== question.primary.timeline) return out('other-line', ['HA37'], `It is on timeline ${server.timeline}${server.inRecovery ? '' : ' and writable'}.`);
  if (server.replayPaused) return out('replay-paused', ['HA27', 'C2'], 'Its replay is paused.', 'resume replay');
  if (!question.primary.senders.some(({ applicationName, state }) => applicationName === declaration.applicationName && state === 'streaming')) return out('not-streaming-directly', ['C2'], 'It does not stream from the primary itself.');
  if (lag(standby, question) > question.lagBytes) return out('lagging', ['C2', 'R24'], `It is ${lag(standby, question)} bytes of log behind; the limit is ${question.lagBytes}.`, 'wait');
  return undefined;
}
