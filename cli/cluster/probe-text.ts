import type { WriteId } from '../../domain/cluster/drill/ledger.ts';
import type { ProbeReport } from '../../domain/cluster/drill/probe-report.ts';
import { textTable } from '../output.ts';

const SHOWN = 20;

/** What a probe saw, for people. */
export function probeText(report: ProbeReport): string {
  const { ledger, writes, reads, writable, latencyMs } = report;
  const ms = (value: number): string => `${Math.round(value)} ms`;
  const rows: (readonly [string, string])[] = [
    ['probe', `${report.run}, ${report.seconds} s, ${report.writers} writers, ${report.readers} readers`],
    ['writes', `${ledger.sent} sent: ${ledger.acked} acknowledged, ${ledger.ambiguous} ambiguous, ${ledger.refused} refused`],
    ['lost', ledger.lost.length === 0 ? 'none' : `${ledger.lost.length} acknowledged writes are gone: ${named(ledger.lost)}`],
    ['committed unheard', String(ledger.ambiguousCommitted)],
    ['duplicates', ledger.duplicates.length === 0 ? 'none' : named(ledger.duplicates)],
    ['write gap', `worst writer ${ms(writes.max)}, p95 ${ms(writes.p95)}, median ${ms(writes.p50)}; of all together ${ms(writes.overallMs)}`],
    ['read gap', `worst reader ${ms(reads.max)}, median ${ms(reads.p50)}`],
    ['latency', `median ${latencyMs.p50.toFixed(1)} ms, p95 ${latencyMs.p95.toFixed(1)} ms, max ${latencyMs.max.toFixed(1)} ms`],
    ['writable nodes', writable.exactlyOne ? '1 at every moment' : `${writable.writableNodesMax}${writable.afterTheEnd.length === 0 ? '' : `: ${writable.afterTheEnd.length} writes were acknowledged by a node that another had followed`}`],
    ['errors', Object.keys(report.codes).length === 0 ? 'none' : Object.entries(report.codes).map(([code, count]) => `${count} x ${code}`).join(', ')],
    ...(ledger.addsUp ? [] : [['DOUBT', `the record does not add up: ${ledger.strangers.length} rows that nobody sent`] as const]),
  ];
  const served = textTable(['served by', 'timeline', 'acknowledged', 'from', 'to'], report.served.map(({ node, timeline, acked, fromMs, toMs }) => [node, String(timeline), String(acked), `${(fromMs / 1000).toFixed(3)} s`, `${(toMs / 1000).toFixed(3)} s`]));
  return `${textTable(['', ''], rows.map((row) => [...row])).split('\n').slice(1).join('\n')}\n\n${served}`;
}

const named = (writes: readonly WriteId[]): string => `${writes.slice(0, SHOWN).map(({ writer, seq }) => `${writer}#${seq}`).join(', ')}${writes.length > SHOWN ? ` and ${writes.length - SHOWN} more` : ''}`;
