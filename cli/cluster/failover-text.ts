import { quorumText } from '../../domain/cluster/failover/progress.ts';
import type { Standstill } from '../../domain/cluster/failover/incident.ts';

/** Why nothing is promoted: every node with its rule and what lets it in, every proof with what it lacks (HA62). */
export const standstillText = ({ rule, reason, excluded, quorum, fence }: Standstill): string =>
  [
    `Waits (${rule}): ${reason}`,
    ...excluded.map((one) => `  ${one.node} may not be promoted (${one.rule}): ${one.reason}${one.override === null ? '' : ` To allow it: ${one.override}.`}`),
    ...(quorum === null ? [] : [`  ${quorumText(quorum)}`]),
    ...fence.filter(({ proven }) => !proven).map((one) => `  no proof ${one.rule}: ${one.reason}`),
  ].join('\n');
