/** What a watch gives back when something is to be done, and how it stands for people. Plain data: it goes through Temporal. */
import type { RuleResult } from '../citation.ts';
import type { LossEvidence } from './incident.ts';
import type { WatchAction } from './watch.ts';

export interface WatchFinding extends RuleResult {
  readonly action: WatchAction;
  /** What is the matter, in one word that stays the same as long as it does; null: all is well. */
  readonly alert: string | null;
  readonly evidence: LossEvidence;
}

export const WATCH_STATES = ['watching', 'alert', 'restarting', 'failing-over'] as const;

export interface WatchState {
  readonly cluster: string;
  readonly state: (typeof WATCH_STATES)[number];
  readonly primary: string | null;
  /** The newest finding; null: none yet. */
  readonly finding: WatchFinding | null;
  /** Id of the workflow of the failover it began last. */
  readonly failover: string | null;
  /** How the last failover that it began has ended. */
  readonly lastEnd: string | null;
  readonly failovers: number;
}

export function watchMarkdown({ cluster, state, primary, finding, failover, lastEnd, failovers }: WatchState): string {
  const lines = [`**${cluster}** · ${state} · primary ${primary ?? 'not known yet'}${failovers === 0 ? '' : ` · ${failovers} failovers begun`}`];
  if (failover !== null) lines.push('', `Last failover: \`${failover}\`${lastEnd === null ? ', under way' : `, ${lastEnd}`}`);
  if (finding !== null) lines.push('', `\`${finding.rule}\` (${finding.by.join(', ')}): ${finding.reason}`);
  const gates = finding?.evidence.gates ?? null;
  if (gates !== null && finding?.alert !== null) lines.push('', '| gate | | |', '| --- | --- | --- |', ...gates.map(({ rule, open, reason }) => `| ${rule} | ${open ? 'open' : '**closed**'} | ${reason} |`));
  return lines.join('\n');
}
