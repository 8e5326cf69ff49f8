import type { Achieved, BackupReport, KeptBackup, PolicyReport } from '../../../domain/backup/report.ts';
import { NIGHT_STATES } from '../../../domain/backup/report-night.ts';
import { bytesText } from '../../../domain/migration/progress.ts';
import { barsSvg } from './bars-svg.ts';
import { calendarSvg } from './calendar-svg.ts';
import { html, Html, type Html as HtmlText } from './html.ts';
import { STYLE } from './page-style.ts';
import { minuteText, NIGHTS, spanText } from './words.ts';

/** The report as one page that needs nothing else: no script, no request, light and dark, and paper. */
export function reportPage(report: BackupReport): string {
  const good = report.policies.filter(({ state }) => state === 'good').length;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Backups, ${report.at.slice(0, 10)}</title><style>${new Html(STYLE)}</style></head>
<body><main>
<header><h1>Backups</h1><p>${good === report.policies.length ? `${good === 1 ? 'The policy is' : `All ${good} policies are`} as declared.` : `${good} of ${report.policies.length} policies are as declared.`} The last ${report.days} days, as of ${minuteText(report.at)} UTC. A backup counts when it was restored and compared with its source.</p></header>
${report.policies.map(policySection)}
<footer>Written by <code>pgconvoy backup report</code>.</footer>
</main></body></html>
`.text;
}

const STATES = { good: 'good', behind: 'behind its objectives', failing: 'failing', empty: 'no backup' } as const;

function policySection(policy: PolicyReport): HtmlText {
  return html`<section aria-labelledby="p-${policy.policy}">
<h2 id="p-${policy.policy}">${policy.policy} <span class="badge ${policy.state}">${STATES[policy.state]}</span> <small>server ${policy.server}${policy.databases.length > 0 && `, ${policy.databases.length === 1 ? 'database' : 'databases'} ${policy.databases.join(', ')}`}</small></h2>
${policy.remark !== null && html`<p class="remark">${policy.remark}</p>`}
${tiles(policy)}
<div class="nights"><div><h3>Nights, in ${policy.timeZone}</h3>
<div class="scroll">${calendarSvg(policy.nights, calendarLabel(policy))}</div>
${legend(policy)}</div>
${problemList(policy)}</div>
<div class="charts">
${barsSvg({ title: 'Stored size', series: ['stored'], text: bytesText, units: [1, 1024, 1024 ** 2, 1024 ** 3, 1024 ** 4], bars: policy.nights.map(({ day, storedBytes }) => ({ day, values: [storedBytes] })) })}
${barsSvg({ title: 'Time taken', series: ['dump', 'restore for the proof'], text: (seconds) => spanText(seconds * 1000), units: [1, 60, 3600], bars: policy.nights.map(({ day, dumpSeconds, restoreSeconds }) => ({ day, values: [dumpSeconds, restoreSeconds] })) })}
</div>
${keptTables(policy)}
</section>`;
}

function tiles({ newestProven, rpo, rto, kept, keptBytes, nights }: PolicyReport): HtmlText {
  const tried = nights.filter(({ state }) => state !== 'none' && state !== 'running');
  const proven = tried.filter(({ state }) => state === 'proven' || state === 'expired');
  return html`<dl class="tiles">
<div><dt>Newest proven backup</dt><dd class="value">${newestProven === null ? 'none' : `${spanText(rpo.nowMs!)} old`}</dd><dd class="note">${newestProven === null ? 'of at least one database' : `${newestProven.database}, ${minuteText(newestProven.snapshotAt)} UTC`}</dd></div>
<div><dt>Data that could be lost (RPO)</dt>${objective(rpo, 'longest gap')}</div>
<div><dt>Time to restore (RTO)</dt>${objective(rto, 'longest')}</div>
<div><dt>Proven nights</dt><dd class="value">${proven.length} of ${tried.length}</dd><dd class="note">${kept.length} backups kept, ${bytesText(keptBytes)}</dd></div>
</dl>`;
}

function objective({ objectiveMs, nowMs, worstMs, met }: Achieved, worst: string): HtmlText {
  const verdict = met === null ? 'no objective' : html`<span class="${met ? 'met' : 'late'}">${met ? '✓ within' : '✗ over'} ${spanText(objectiveMs!)}</span>`;
  return html`<dd class="value">${nowMs === null ? '–' : spanText(nowMs)}</dd><dd class="note">${verdict}${worstMs !== null && `, ${worst} ${spanText(worstMs)}`}</dd>`;
}

const calendarLabel = ({ nights }: PolicyReport): string =>
  `Calendar of ${nights.length} nights: ${NIGHT_STATES.flatMap((state) => {
    const count = nights.filter((night) => night.state === state).length;
    return count === 0 ? [] : [`${count} ${NIGHTS[state].word}`];
  }).join(', ')}`;

function legend({ nights }: PolicyReport): HtmlText {
  const shown = NIGHT_STATES.filter((state) => state !== 'none' && nights.some((night) => night.state === state));
  return html`<ul class="legend">${shown.map((state) => html`<li><svg width="18" height="18" aria-hidden="true"><g class="night ${state}"><rect x="0.5" y="0.5" width="17" height="17" rx="4"/><text x="9" y="13.5">${NIGHTS[state].mark}</text></g></svg>${nights.filter((night) => night.state === state).length} ${NIGHTS[state].word}</li>`)}</ul>`;
}

const PROBLEMS = 6;

function problemList({ problems }: PolicyReport): HtmlText | false {
  if (problems.length === 0) return false;
  const items = problems.map(({ day, database, outcome, error, backupId }) => html`<li><b>${day}</b> ${database} ${outcome === 'failed' ? 'failed' : 'was rejected'}${error !== null && `: ${error.message}`} <code>${backupId}</code></li>`);
  const more = items.slice(PROBLEMS);
  return html`<div><h3>What went wrong</h3><ul class="problems">${items.slice(0, PROBLEMS)}</ul>${more.length > 0 && html`<details><summary>${more.length} more</summary><ul class="problems">${more}</ul></details>`}</div>`;
}

const SHOWN = 10;

function keptTables({ kept }: PolicyReport): HtmlText | false {
  if (kept.length === 0) return false;
  const [shown, rest] = [kept.slice(0, SHOWN), kept.slice(SHOWN)];
  return html`<h3>What is kept, and until when</h3><div class="scroll">${keptTable(shown)}</div>${rest.length > 0 && html`<details><summary>${rest.length} older ones</summary><div class="scroll">${keptTable(rest)}</div></details>`}`;
}

const keptTable = (kept: readonly KeptBackup[]): HtmlText => html`<table><thead><tr><th>Backup</th><th>Database</th><th>Snapshot (UTC)</th><th>State</th><th class="number">Stored</th><th class="number">Dump</th><th class="number">Restore</th><th>Kept</th></tr></thead><tbody>${kept.map(
  (one) => html`<tr><td><code>${one.backupId}</code></td><td>${one.database}</td><td>${minuteText(one.snapshotAt)}</td><td>${one.state === 'stored' ? 'not proven' : one.state}</td><td class="number">${one.storedBytes === null ? '–' : bytesText(one.storedBytes)}</td><td class="number">${seconds(one.dumpSeconds)}</td><td class="number">${seconds(one.restoreSeconds)}</td><td class="wide">${one.expires ? 'goes with the next expiry. ' : one.keptUntil === null ? '' : `until ${minuteText(one.keptUntil)}. `}${one.reason}</td></tr>`,
)}</tbody></table>`;

const seconds = (value: number | null): string => (value === null ? '–' : spanText(value * 1000));
