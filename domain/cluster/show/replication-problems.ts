/** Problems between nodes: lines, streams, lag and slots. */
import { lsnDistance } from '../../lsn.ts';
import { showBytes } from '../../preflight/amounts.ts';
import type { Finding } from '../finding.ts';
import { positionOf } from '../position.ts';
import { runningNodes, soleWritable, type ClusterPicture, type RunningNode } from './picture.ts';

export function lintReplication(picture: ClusterPicture): readonly Finding[] {
  const primary = soleWritable(picture);
  const running = runningNodes(picture);
  const standbys = running.filter(({ server }) => server.inRecovery);
  return [...(primary === null ? [] : standbys.flatMap((standby) => againstPrimary(standby, primary, picture))), ...standbys.flatMap((standby) => stream(standby, running)), ...running.flatMap(slots)];
}

function againstPrimary({ declaration: { name, applyDelayMs }, report, server }: RunningNode, primary: RunningNode, { limits }: ClusterPicture): Finding[] {
  const base = { severity: 'blocking' as const, node: name };
  const systems = [report.control, primary.report.control].flatMap((control) => ('ok' in control ? [control.ok.systemIdentifier] : []));
  if (systems.length === 2 && systems[0] !== systems[1]) return [{ ...base, rule: 'foreign-system', by: ['R52'], reason: `Its system identifier is ${systems[0]}, the primary's is ${systems[1]}.`, remedy: `Run \`pgconvoy cluster clone ${name}\`.` }];
  if (server.timeline !== primary.server.timeline) {
    return [{ ...base, rule: 'other-timeline', by: ['R49', 'HA37'], reason: `It is on timeline ${server.timeline}, the primary on ${primary.server.timeline}.`, remedy: `Run \`pgconvoy cluster follow ${name}\`; it says when a rejoin is needed.` }];
  }
  const position = positionOf(server);
  const lag = position === null || primary.server.writeLsn === null ? 0 : lsnDistance(position, primary.server.writeLsn);
  if (lag <= limits.lagBytes) return [];
  // One that is kept behind in applying is still to receive at once.
  return [{ ...base, severity: 'warning', rule: 'lagging', by: ['R59', 'HA34'], reason: `It is ${showBytes(lag)} of log behind the primary${applyDelayMs > 0 ? ' in receiving' : ''}.`, remedy: 'Look at its network and disk; a failover to it would lose as much.' }];
}

function stream({ declaration: { name, upstream, applicationName }, server }: RunningNode, running: readonly RunningNode[]): Finding[] {
  const base = { severity: 'blocking' as const, node: name };
  if (server.receiver === null) return [{ ...base, rule: 'not-streaming', by: ['R49', 'R68'], reason: 'It receives nothing.', remedy: 'Look at its server log; the reason stands there.' }];
  const source = running.find(({ declaration }) => declaration.name === upstream);
  if (source === undefined || source.server.senders.some((sender) => sender.applicationName === applicationName)) return [];
  return [{ ...base, severity: 'warning', rule: 'other-upstream', by: ['R49', 'HA38'], reason: `It receives from ${server.receiver.senderHost}:${server.receiver.senderPort}, and ${upstream}, which it should follow, does not know it.`, remedy: `Run \`pgconvoy cluster follow ${name} --upstream ${upstream}\`.` }];
}

const slots = ({ declaration, server }: RunningNode): Finding[] =>
  server.physicalSlots.flatMap(({ name, active, walStatus }): Finding[] => {
    const base = { node: declaration.name, severity: 'warning' as const, by: ['HA41'] as const, remedy: `If nobody comes back for it: SELECT pg_drop_replication_slot('${name}');` };
    if (walStatus === 'lost') return [{ ...base, rule: 'slot-lost', reason: `The slot ${name} has lost its log; its standby has to be cloned anew.` }];
    return active ? [] : [{ ...base, rule: 'slot-inactive', reason: `The slot ${name} has no reader and holds log.` }];
  });
