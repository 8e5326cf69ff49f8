/** Problems of single nodes: not there, not what they should be, not ready for a change of roles. */
import { showBytes } from '../../preflight/amounts.ts';
import { listNames, namesOf } from '../../preflight/fact.ts';
import type { Finding } from '../finding.ts';
import { statusOf } from './node-status.ts';
import { freshReport, runningNodes, type ClusterPicture, type RunningNode } from './picture.ts';

export function lintNodes(picture: ClusterPicture): readonly Finding[] {
  return [...writableNodes(picture), ...statuses(picture), ...marks(picture), ...epochs(picture), ...runningNodes(picture).flatMap((node) => [...controlProblems(node, picture), ...serverProblems(node)])];
}

function writableNodes(picture: ClusterPicture): Finding[] {
  const writable = runningNodes(picture).filter(({ server }) => !server.inRecovery).map(({ declaration }) => declaration.name);
  const base = { by: ['R49', 'HA15', 'R71'] as const, severity: 'blocking' as const, node: null };
  if (writable.length > 1) return [{ ...base, rule: 'two-primaries', reason: `${writable.join(' and ')} are writable.`, remedy: 'Close the route to all but one at once, then run `pgconvoy cluster rejoin` for the others.' }];
  if (writable.length === 0) return [{ ...base, rule: 'no-primary', reason: 'No node is seen to be writable.', remedy: 'Run `pgconvoy cluster failover --dry-run`; it says which node could be promoted.' }];
  return [];
}

const statuses = (picture: ClusterPicture): Finding[] =>
  picture.nodes.flatMap((node): Finding[] => {
    const { name, role } = node.declaration;
    const status = statusOf(node, picture);
    const process = freshReport(node, picture)?.process;
    const base = { by: ['R49'] as const, severity: 'blocking' as const, node: name };
    switch (status) {
      case 'running':
        return [];
      case 'unreachable':
        return [{ ...base, rule: 'unreachable', reason: 'Its agent has not reported lately.', remedy: `Is \`pgconvoy worker --role node:${name}\` running, and does it reach Temporal?` }];
      case 'failed':
        return [{ ...base, rule: 'failed', reason: `Its server does not answer its agent; the postmaster is ${process?.postmaster}, with ${process?.children} processes.`, remedy: 'Look at its server log.' }];
      case 'running-as-primary':
      case 'running-as-standby':
        return [{ ...base, rule: 'other-role', reason: `It is declared as ${role} and is ${status.replaceAll('-', ' ')}.`, remedy: `Run \`pgconvoy cluster register ${name}\` if this is wanted, else \`pgconvoy cluster rejoin ${name}\`.` }];
    }
  });

const marks = (picture: ClusterPicture): Finding[] =>
  picture.nodes.flatMap((node): Finding[] => {
    const report = freshReport(node, picture);
    if (report === null || report.destructiveStep === null) return [];
    return [{ rule: 'destructive-step-pending', by: ['HA21'], severity: 'blocking', node: node.declaration.name, reason: `${report.destructiveStep} began to rewrite its data directory and did not end; it is neither started nor elected.`, remedy: `Run \`pgconvoy cluster rejoin ${node.declaration.name}\`.` }];
  });

function epochs(picture: ClusterPicture): Finding[] {
  const known = picture.nodes.flatMap((node) => freshReport(node, picture) ?? []);
  const highest = Math.max(...known.map(({ epoch }) => epoch));
  return known.filter(({ epoch }) => epoch < highest).map(({ node, epoch }) => ({
    rule: 'epoch-behind', by: ['D6'], severity: 'information', node, reason: `Its agent has seen epoch ${epoch}; another has seen ${highest}.`, remedy: 'Nothing: the next order tells it.',
  }));
}

function controlProblems({ declaration: { name }, report, server }: RunningNode, { limits }: ClusterPicture): Finding[] {
  const found: Finding[] = [];
  if ('ok' in report.control && !report.control.ok.walLogHints && !report.control.ok.dataChecksums) {
    found.push({ rule: 'not-rewindable', by: ['HA18', 'R52'], severity: 'warning', node: name, reason: 'It has neither wal_log_hints nor data checksums: after a failover it can only be cloned anew.', remedy: 'ALTER SYSTEM SET wal_log_hints = on; and restart it. It protects changes from then on.' });
  }
  if ('ok' in report.walDiskFreeBytes && report.walDiskFreeBytes.ok < limits.walDiskFreeBytes) {
    found.push({ rule: 'wal-disk-low', by: ['HA13'], severity: server.inRecovery ? 'warning' : 'blocking', node: name, reason: `${showBytes(report.walDiskFreeBytes.ok)} are free where its log is written.`, remedy: 'Free space, or look for slots that hold log; a full disk is no reason for a failover.' });
  }
  return found;
}

function serverProblems({ declaration, server }: RunningNode): Finding[] {
  const node = declaration.name;
  const found: Finding[] = [];
  if (!server.inRecovery && (server.settings['primary_conninfo']?.value ?? '') !== '') {
    found.push({ rule: 'leftover-conninfo', by: ['HA44', 'R70'], severity: 'warning', node, reason: 'It is a primary and has a primary_conninfo, which would be used when it becomes a standby again.', remedy: 'ALTER SYSTEM RESET primary_conninfo;' });
  }
  if (server.preparedTransactions.length > 0) {
    found.push({ rule: 'prepared-transactions', by: ['HA46'], severity: 'information', node, reason: `Prepared transactions, which survive a promotion and hold their locks: ${listNames(namesOf(server.preparedTransactions))}.`, remedy: 'Let their owner finish them.' });
  }
  return found;
}
