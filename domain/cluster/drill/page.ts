/** The report of a drill as one page that needs nothing else: no script, no font, no picture from anywhere. */
import { drillChart, duration, escape } from './chart.ts';
import type { DrillReport } from './report.ts';

export function drillPage(report: DrillReport): string {
  const { drill, cluster, plan, verdict, startedAt, consentBy, from, to, name } = report;
  const title = `Drill ${drill}: ${plan.kind} on cluster ${cluster}`;
  const facts = [['held', startedAt], ['by consent of', consentBy], ...(name === null ? [] : [['declared as', name]]), ['primary before', from], ['primary after', to ?? 'none'], ['record', `${report.probe.ledger.sent} writes by ${report.probe.writers} writers in ${report.probe.seconds} s`]];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title><style>${STYLE}</style></head>
<body><header><p class="verdict ${verdict.verdict}">${verdict.verdict}</p><h1>${escape(title)}</h1></header>
<dl>${facts.map(([term, words]) => `<div><dt>${escape(term!)}</dt><dd>${escape(words!)}</dd></div>`).join('')}</dl>
${verdict.doubts.length === 0 ? '' : `<section class="doubts"><h2>In doubt</h2><ul>${verdict.doubts.map(item).join('')}</ul></section>`}
<section><h2>Hypothesis and measurement</h2>${table(['', 'expected', 'measured', ''], verdict.parts.map(({ part, expected, measured, passed }) => [part, expected, measured, passed ? 'held' : 'BROKEN']))}</section>
<section><h2>Around the fault</h2>${drillChart(report, around(report))}</section>
<section><h2>The whole drill</h2>${drillChart({ ...report, phases: [] }, { fromMs: report.series.fromMs, toMs: report.series.toMs, title: 'Acknowledged writes and errors' })}</section>
<section><h2>Writes</h2>${table(['', ''], writesOf(report))}</section>
<section><h2>Served by</h2>${table(['node', 'timeline', 'acknowledged', 'from', 'to'], report.probe.served.map(({ node, timeline, acked, fromMs, toMs }) => [node, String(timeline), String(acked), duration(fromMs), duration(toMs)]))}</section>
<section><h2>Steps</h2>${table(['', 'step', 'from', 'took'], report.phases.map(({ source, step, fromMs, toMs }) => [source, step, duration(fromMs), toMs === null ? '' : duration(toMs - fromMs)]))}</section>
<section><h2>The fault</h2><ul>${[...report.injection, ...report.notes].map(item).join('')}</ul></section>
<section><h2>Gates</h2>${table(['gate', '', ''], report.gates.map(({ rule, open, reason }) => [rule, open ? 'open' : 'closed', reason]))}</section>
<footer>Moments are seconds since the probe began, on its own clock; steps of other programs were timed by the catalog's and may be some milliseconds off.</footer>
</body></html>
`;
}

/** From a second before the longest silence to where redundancy is back, or so far that the silence can be seen. */
function around({ series, phases }: DrillReport): { fromMs: number; toMs: number; title: string } {
  const gaps = series.gaps.filter(({ fromMs, toMs }) => toMs > fromMs);
  const faults = phases.filter(({ source }) => source === 'fault').map(({ fromMs }) => fromMs);
  const fromMs = Math.max(series.fromMs, Math.min(...faults, ...gaps.map((gap) => gap.fromMs), series.toMs - 1000) - 500);
  const end = Math.max(...gaps.map((gap) => gap.toMs), ...phases.map((phase) => phase.toMs ?? phase.fromMs).filter((ms) => ms < fromMs + 15_000), fromMs + 1000);
  return { fromMs, toMs: Math.min(series.toMs, end + 500), title: 'Steps, acknowledged writes, and the longest silence of each writer' };
}

function writesOf({ probe }: DrillReport): string[][] {
  const { ledger, writes, reads, latencyMs } = probe;
  const named = (all: readonly { writer: string; seq: number }[]): string => (all.length === 0 ? 'none' : all.map(({ writer, seq }) => `${writer}#${seq}`).join(', '));
  return [
    ['sent', String(ledger.sent)], ['acknowledged', String(ledger.acked)], ['ambiguous', `${ledger.ambiguous}; with the refused, ${ledger.ambiguousCommitted} are there all the same`], ['refused', String(ledger.refused)],
    ['lost', named(ledger.lost)], ['duplicates', named(ledger.duplicates)],
    ['longest silence', `worst writer ${duration(writes.max)}, p95 ${duration(writes.p95)}, median ${duration(writes.p50)}; of all together ${duration(writes.overallMs)}`],
    ['readers', `worst ${duration(reads.max)}, median ${duration(reads.p50)}`],
    ['latency', `median ${latencyMs.p50.toFixed(1)} ms, p95 ${latencyMs.p95.toFixed(1)} ms, max ${latencyMs.max.toFixed(1)} ms`],
    ['errors', Object.entries(probe.codes).map(([code, count]) => `${count} x ${code}`).join(', ') || 'none'],
  ];
}

const item = (words: string): string => `<li>${escape(words)}</li>`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table><thead><tr>${head.map((words) => `<th>${escape(words)}</th>`).join('')}</tr></thead><tbody>${rows.map((row) => `<tr>${row.map((words) => `<td>${escape(words)}</td>`).join('')}</tr>`).join('')}</tbody></table>`;

const STYLE = `
:root{color-scheme:light dark;--ink:#1c2430;--dim:#66707d;--line:#d5dae0;--paper:#fff;--good:#2a7d4f;--bad:#b3372f;--doubt:#9a6700;--ack:#4f8fcf;--gap:#e3a23c;--drill:#7a5fb0;--run:#3d7f8c}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ee;--dim:#98a2b0;--line:#38414d;--paper:#161b22;--good:#5bbd86;--bad:#e5736a;--doubt:#d8a531;--ack:#6aa6e2;--gap:#e0a84a;--drill:#a48cd8;--run:#62b0bf}}
body{margin:2rem auto;max-width:62rem;padding:0 1rem;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
header{display:flex;gap:1rem;align-items:center;flex-wrap:wrap}h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:2rem 0 .5rem}
.verdict{margin:0;padding:.2rem .8rem;border-radius:1rem;font-weight:600;color:#fff;background:var(--doubt)}.verdict.passed{background:var(--good)}.verdict.failed,.verdict.aborted{background:var(--bad)}
dl{display:flex;flex-wrap:wrap;gap:.3rem 2rem;margin:1rem 0}dt{color:var(--dim);font-size:.85em}dd{margin:0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--dim);font-weight:500;font-size:.85em}
svg{width:100%;height:auto;display:block}svg text{font:11px system-ui,sans-serif;fill:var(--ink)}svg .end{text-anchor:end}svg .middle{text-anchor:middle}svg .title{font-weight:600}svg .label{fill:var(--dim)}
.acked{fill:var(--ack)}.errors{fill:var(--bad)}.gap{fill:var(--gap)}.writing{stroke:var(--line);stroke-width:2}.axis{stroke:var(--dim)}.phase{fill:var(--run)}.phase.drill{fill:var(--drill)}.phase.fault{fill:var(--bad)}
footer{margin-top:2rem;color:var(--dim);font-size:.85em}
`;
