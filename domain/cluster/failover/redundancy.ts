import type { NodeDeclaration } from '../node.ts';
import type { AgentReport } from '../node-facts.ts';
import { isFresh, type Observation, type Reading } from '../reading.ts';

/** A standby that may be promoted and streamed when it was last asked (G5): without one there is nothing that a failover could lead to. */
export const hasRedundancy = (nodes: readonly NodeDeclaration[], reports: readonly Observation<AgentReport>[], { now, freshMs }: { readonly now: Reading; readonly freshMs: number }): boolean =>
  nodes.some(({ name, role, priority, applyDelayMs }) => {
    const report = reports.find(({ observer }) => observer === name);
    if (role !== 'standby' || priority === 0 || applyDelayMs > 0 || report === undefined || !isFresh(report, now, freshMs) || report.value.destructiveStep !== null) return false;
    return 'ok' in report.value.server && report.value.server.ok.inRecovery && report.value.server.ok.receiver?.status === 'streaming';
  });
