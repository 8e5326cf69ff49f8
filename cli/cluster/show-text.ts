import type { Finding } from '../../domain/cluster/finding.ts';
import { nodeRows, type NodeRow } from '../../domain/cluster/show/rows.ts';
import { periodText } from '../../domain/durations.ts';
import { showBytes } from '../../domain/preflight/amounts.ts';
import { styled, textTable } from '../output.ts';
import type { SeenCluster } from './seen-cluster.ts';

const STYLES = { running: 'green', 'running-as-primary': 'red', 'running-as-standby': 'yellow', failed: 'red', unreachable: 'red' } as const;
const SEVERITY_STYLES = { blocking: 'red', warning: 'yellow', information: 'blue' } as const;

export function showText(seen: SeenCluster): string {
  const { plan, picture, problems } = seen;
  const rows = nodeRows(picture, plan.nodes).map((row) => [row.node, row.role, styled(STYLES[row.status], row.status.replaceAll('-', ' ')), row.upstream ?? '', row.location, String(row.priority), textOf(row.timeline), row.lsn ?? '', bytesOf(row.lagBytes), row.sync ?? '', row.conninfo]);
  return [textTable(['node', 'role', 'status', 'upstream', 'location', 'priority', 'timeline', 'lsn', 'lag', 'sync', 'dialled by'], rows), facts(seen).join('\n'), problemsText(problems)].join('\n\n');
}

function facts({ systemIdentifier, epoch, pause, holder, lastChange, plan }: SeenCluster): string[] {
  return [
    systemIdentifier === null ? `Nobody has registered cluster "${plan.cluster}" yet: \`pgconvoy cluster register ${plan.cluster} --all\`.` : `System ${systemIdentifier}, ${epoch === null ? 'no operation yet' : `epoch ${epoch}`}.`,
    plan.watch.automatic ? 'Automatic failover is on.' : 'Automatic failover is off: `watch.automaticFailover` of the inventory.',
    ...(pause === null ? [] : [`Paused by ${pause.owner} (${pause.reason}), for another ${seconds(pause.forMs - pause.ageMs)}.`]),
    ...(holder === null ? [] : [`Held by ${holder.operation} (${holder.purpose}) since ${holder.takenAt.replace(/\.\d+Z$/, 'Z')}: workflow ${holder.workflowId}.`]),
    ...(lastChange === null ? [] : [`Last change of roles: ${lastChange.fromNode} to ${lastChange.toNode}, ${seconds(lastChange.ageMs)} ago${lastChange.automatic ? ', by the watcher' : ''} (epoch ${lastChange.epoch}).`]),
  ];
}

export function problemsText(problems: readonly Finding[]): string {
  if (problems.length === 0) return 'No problem is known.';
  return problems.map(({ severity, node, rule, reason, remedy }) => `${styled(SEVERITY_STYLES[severity], severity)}  ${node === null ? '' : `${node}: `}${reason} (${rule})\n    ${remedy}`).join('\n');
}

export const lagText = (rows: readonly NodeRow[]): string =>
  textTable(['node', 'timeline', 'lsn', 'to receive', 'to apply', 'sync'], rows.map(({ node, timeline, lsn, lagBytes, applyLagBytes, sync }) => [node, textOf(timeline), lsn ?? '', bytesOf(lagBytes), bytesOf(applyLagBytes), sync ?? '']));

const textOf = (number: number | null): string => (number === null ? '' : String(number));
const bytesOf = (bytes: number | null): string => (bytes === null ? '' : showBytes(bytes));
const seconds = (ms: number): string => periodText(Math.max(1, Math.round(ms / 1000)) * 1000);
