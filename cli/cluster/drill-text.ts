import type { HeldDrill } from '../../catalog/cluster/drills.ts';
import type { DrillReport, DrillSummary } from '../../domain/cluster/drill/report.ts';
import type { Gate } from '../../domain/cluster/failover/gates.ts';
import { styled, textTable } from '../output.ts';
import { probeText } from './probe-text.ts';

/** A drill for people. */
export const gatesText = (gates: readonly Gate[]): string => textTable(['gate', '', ''], gates.map(({ rule, open, reason }) => [rule, open ? styled('green', 'open') : styled('red', 'closed'), reason]));

const verdictText = (verdict: string): string => styled(verdict === 'passed' ? 'green' : verdict === 'inconclusive' ? 'yellow' : 'red', verdict.toUpperCase());

export function summaryText({ drill, cluster, kind, verdict, writeGapMs, lostWrites, clientErrors, redundantAfterMs }: DrillSummary): string {
  return [
    `${verdictText(verdict)}: drill ${drill}, ${kind} on cluster "${cluster}".`,
    `Longest time without a write ${writeGapMs} ms, ${lostWrites} acknowledged writes lost, ${clientErrors} errors, ${redundantAfterMs === null ? 'redundancy is not back' : `redundant again after ${redundantAfterMs} ms`}.`,
    `\`pgconvoy cluster drills report ${drill} --html drill.html\` shows how it went.`,
  ].join('\n');
}

export function listText(drills: readonly HeldDrill[]): string {
  if (drills.length === 0) return 'No drill was held yet.';
  const rows = drills.map(({ drill, startedAt, state, summary, problem }) => [
    drill, startedAt.slice(0, 16).replace('T', ' '), summary?.kind ?? '', summary === null ? state : verdictText(summary.verdict), summary === null ? '' : `${summary.writeGapMs} ms`, summary === null ? '' : String(summary.lostWrites), summary?.redundantAfterMs === null || summary === null ? '' : `${summary.redundantAfterMs} ms`, problem ?? '',
  ]);
  return textTable(['drill', 'held (UTC)', 'kind', 'verdict', 'write gap', 'lost', 'redundant after', ''], rows);
}

export function reportText({ drill, cluster, plan, verdict, startedAt, consentBy, from, to, probe, phases, injection, notes }: DrillReport): string {
  const ms = (value: number): string => `${(value / 1000).toFixed(3)} s`;
  return [
    `${verdictText(verdict.verdict)}: drill ${drill}, ${plan.kind} on cluster "${cluster}", ${startedAt}, by consent of ${consentBy}. Primary ${from} → ${to ?? 'none'}.`,
    ...verdict.doubts.map((doubt) => `In doubt: ${doubt}`),
    '',
    textTable(['part', 'expected', 'measured', ''], verdict.parts.map(({ part, expected, measured, passed }) => [part, expected, measured, passed ? styled('green', 'held') : styled('red', 'BROKEN')])),
    '',
    probeText(probe),
    '',
    textTable(['', 'step', 'from', 'took'], phases.map(({ source, step, fromMs, toMs }) => [source, step, ms(fromMs), toMs === null ? '' : ms(toMs - fromMs)])),
    '',
    ...injection,
    ...notes,
  ].join('\n');
}
