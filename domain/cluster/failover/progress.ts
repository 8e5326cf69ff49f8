/** Where a failover stands, for the page of its workflow, for queries and for the command line. */
import type { RunEnd, RunEvent } from '../run/machine.ts';
import { FAILOVER_STEPS } from '../run/steps.ts';
import type { Classification } from './classify.ts';
import type { Promoted, Standstill } from './incident.ts';

export interface FailoverProgress {
  readonly operation: string;
  readonly cluster: string;
  readonly state: 'running' | 'waiting' | 'promoted' | 'taking-back' | 'ended';
  readonly from: string | null;
  readonly epoch: number | null;
  readonly classification: Classification | null;
  readonly events: readonly RunEvent[];
  /** Why it waits; null: it does not. */
  readonly standstill: Standstill | null;
  readonly promoted: Promoted | null;
  readonly end: RunEnd | null;
  readonly notes: readonly string[];
}

export function failoverMarkdown(progress: FailoverProgress): string {
  const { operation, cluster, state, from, epoch, classification, standstill, promoted, end, notes } = progress;
  const lines = [`Failover of **${cluster}** · ${end ?? state} · run \`${operation}\`${epoch === null ? '' : ` · epoch ${epoch}`}`, ''];
  if (from !== null) lines.push(`${from} → ${promoted === null ? '?' : `**${promoted.node}** (timeline ${promoted.timeline}, fenced by ${promoted.proof})`}`, '');
  if (classification !== null) lines.push(`\`${classification.class}\`: ${classification.reason}`, '');
  if (promoted !== null) lines.push(lossText(promoted), '');
  if (standstill !== null) lines.push(...standstillLines(standstill), '');
  lines.push('| step | |', '| --- | --- |', ...FAILOVER_STEPS.map(({ id }) => `| ${id} | ${progress.events.findLast(({ step }) => step === id)?.phase ?? ''} |`), ...notes.map((note) => `\n- ${note}`));
  return lines.join('\n');
}

export const lossText = ({ lossBytes }: Promoted): string =>
  lossBytes === null ? 'What is lost is not known.' : lossBytes === 0 ? 'Nothing is known to be lost.' : `At least ${lossBytes} bytes of log that the lost primary had written are nowhere else.`;

function standstillLines({ rule, reason, excluded, quorum, fence }: Standstill): string[] {
  return [
    `**It waits** (\`${rule}\`): ${reason}`,
    '',
    ...excluded.map((one) => `- ${one.node} may not be promoted (\`${one.rule}\`): ${one.reason}${one.override === null ? '' : ` Override: ${one.override}.`}`),
    ...(quorum === null ? [] : [`- ${quorumText(quorum)}`]),
    ...fence.filter(({ proven }) => !proven).map((one) => `- no proof \`${one.rule}\`: ${one.reason}`),
  ];
}

/** R + W > N, with the numbers. */
export const quorumText = ({ readable, written, total, openEnded, holds }: NonNullable<Standstill['quorum']>): string =>
  openEnded ? 'R + W > N cannot be shown: the list of synchronous standbys has a star.' : `R + W > N: ${readable} + ${written} > ${total} ${holds ? 'holds' : 'does not hold'}.`;
