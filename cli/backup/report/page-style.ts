/** Of the page: both colour schemes, and paper. */
export const STYLE = `
:root { color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1f2328; --soft: #5c6570; --line: #dcdfe4;
  --proven: #2e8b57; --expired: #b9dcc7; --running: #6aa5e0; --unproven: #d9b44a; --missed: #e6e8ec; --rejected: #a63d8f; --failed: #cf3b3b; --none: #f1f2f4;
  --on-strong: #ffffff; --on-weak: #3c444d; --bar: #4a7fb5; --bar2: #a9c6e3; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14171b; --card: #1c2026; --ink: #e6e9ed; --soft: #9aa4b0; --line: #333a43;
  --proven: #3fa76b; --expired: #27503a; --running: #4d86bf; --unproven: #b8922f; --missed: #343b44; --rejected: #b45aa0; --failed: #d95757; --none: #232830;
  --on-strong: #ffffff; --on-weak: #c5ccd5; --bar: #6ea3d8; --bar2: #37567a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1060px; margin: 0 auto; padding: 32px 24px 64px; }
header h1 { margin: 0; font-size: 26px; } header p { margin: 4px 0 0; color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 22px 24px; margin-top: 24px; }
section > h2 { margin: 0; font-size: 20px; display: flex; gap: 12px; align-items: center; flex-wrap: wrap; }
h2 small { color: var(--soft); font-weight: 400; font-size: 14px; } h3 { font-size: 14px; margin: 26px 0 8px; }
.badge { font-size: 13px; font-weight: 600; border-radius: 999px; padding: 2px 12px; color: var(--on-strong); }
.badge.good { background: var(--proven); } .badge.behind { background: #a5780f; } .badge.failing { background: var(--failed); } .badge.empty { background: var(--soft); }
.remark { margin: 8px 0 0; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; margin: 18px 0 0; padding: 0; }
.tiles div { border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; }
.tiles dt { color: var(--soft); font-size: 13px; } .tiles dd { margin: 0; } .tiles dd.value { font-size: 21px; font-weight: 600; } .tiles dd.note { color: var(--soft); font-size: 13px; }
.late { color: var(--failed); } .met { color: var(--proven); }
.scroll { overflow-x: auto; } .nights { display: flex; gap: 8px 40px; flex-wrap: wrap; } .nights > div:first-child { flex: 0 1 410px; max-width: 100%; } .nights > div + div { flex: 1 1 300px; min-width: 0; }
svg text { font: 11px system-ui, sans-serif; fill: var(--soft); }
.night rect { stroke: transparent; } .night text { text-anchor: middle; font-size: 13px; font-weight: 600; fill: var(--on-strong); }
.night.missed text, .night.expired text { fill: var(--on-weak); } .night.unproven text { fill: #2b2205; }
.night.missed rect { stroke: var(--soft); stroke-dasharray: 2 2; }
.proven rect { fill: var(--proven); } .expired rect { fill: var(--expired); } .running rect { fill: var(--running); } .unproven rect { fill: var(--unproven); } .missed rect { fill: var(--missed); } .rejected rect { fill: var(--rejected); } .failed rect { fill: var(--failed); } .none rect { fill: var(--none); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 10px 0 0; padding: 0; font-size: 13px; color: var(--soft); } .legend li { display: flex; gap: 6px; align-items: center; }
.charts { display: grid; grid-template-columns: 1fr 1fr; gap: 24px; margin-top: 24px; } .chart { margin: 0; } .chart svg { width: 100%; height: auto; display: block; } figcaption { font-size: 14px; font-weight: 600; }
.grid { stroke: var(--line); } .chart rect.s0 { fill: var(--bar); } .chart rect.s1 { fill: var(--bar2); }
.series { font-weight: 400; color: var(--soft); margin-left: 8px; font-size: 13px; } .series i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin: 0 5px 0 8px; } .series i.s0 { background: var(--bar); } .series i.s1 { background: var(--bar2); }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; } th { text-align: left; color: var(--soft); font-weight: 500; } th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; white-space: nowrap; } .remark { overflow-wrap: anywhere; } td.wide { white-space: normal; min-width: 220px; } .number { text-align: right; font-variant-numeric: tabular-nums; } code { font: 12.5px ui-monospace, "Cascadia Mono", Menlo, monospace; }
summary { cursor: pointer; color: var(--soft); font-size: 13.5px; margin-top: 8px; } ul.problems { overflow-wrap: anywhere; margin: 0; padding: 0; list-style: none; font-size: 13.5px; } ul.problems li { margin: 0 0 7px; padding-left: 12px; border-left: 3px solid var(--failed); } ul.problems code { color: var(--soft); } footer { color: var(--soft); font-size: 13px; margin-top: 24px; }
@media (max-width: 720px) { .tiles, .charts { grid-template-columns: 1fr 1fr; } .charts { grid-template-columns: 1fr; } main { padding: 16px 12px; } section { padding: 16px; } }
@media print { :root { color-scheme: light; --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --proven: #2e8b57; --expired: #b9dcc7; --running: #6aa5e0; --unproven: #d9b44a; --missed: #e6e8ec; --rejected: #a63d8f; --failed: #cf3b3b; --none: #f1f2f4; --on-strong: #fff; --on-weak: #333; --bar: #4a7fb5; --bar2: #a9c6e3; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } main { max-width: none; padding: 0; } section { border: 0; border-top: 1px solid #bbb; border-radius: 0; padding: 16px 0; } .chart, .tiles, .calendar, tr, h2, h3 { break-inside: avoid; } h3 { break-after: avoid; } td { white-space: normal; } }
`;
