import type { PreflightReport, RuleReport } from '../domain/preflight/report.ts';
import { SUBJECTS } from '../domain/preflight/rule.ts';
import { styled } from './output.ts';
import { wrapText } from './wrap-text.ts';

interface Look {
  readonly problemsOnly: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/** The report for people: groups by subject, a mark, the rule's id, what was found, and what helps. */
export function preflightText(report: PreflightReport, look: Look): string {
  const shown = report.rules.filter((rule) => !look.problemsOnly || rule.state !== 'ok');
  const idWidth = Math.max(...shown.map(({ id }) => id.length), 0);
  const columns = { idWidth, width: look.width };
  const groups = SUBJECTS.flatMap((subject) => {
    const rules = shown.filter((rule) => rule.subject === subject);
    return rules.length === 0 ? [] : [[styled('bold', subject.replace('-', ' ')), ...groupLines(rules, columns)].join('\n')];
  });
  return [...groups, summary(report)].join('\n\n');
}

interface Columns {
  readonly idWidth: number;
  readonly width: number;
}

/** One paragraph per rule; those that are blind for a reason that was given already stand together at the end. */
function groupLines(rules: readonly RuleReport[], columns: Columns): string[] {
  const repeats = rules.filter((rule, index) => rule.state === 'could-not-look' && rules.findIndex((other) => other.evidence === rule.evidence) < index);
  const lines = rules.filter((rule) => !repeats.includes(rule)).map((rule) => ruleText(rule, columns));
  if (repeats.length === 0) return lines;
  const ids = wrapText(repeats.map(({ id }) => id).join(', '), Math.max(columns.width - 6, 30));
  return [...lines, `  ${mark(repeats[0]!)} for the same reason not looked at:`, ...ids.map((line) => `      ${line}`)];
}

function ruleText(rule: RuleReport, { idWidth, width }: Columns): string {
  const indent = idWidth + 6;
  const columns = Math.max(width - indent, 30);
  const remedy = rule.remedy === undefined ? [] : wrapText(`→ ${rule.remedy}`, columns);
  const [first, ...rest] = [...wrapText(rule.evidence, columns), ...remedy];
  return [`  ${mark(rule)} ${rule.id.padEnd(idWidth)}  ${first}`, ...rest.map((line) => `${' '.repeat(indent)}${line}`)].join('\n');
}

/** ✗ blocks, ! should be read, i is good to know, ? could not be looked at. */
function mark({ state, severity }: RuleReport): string {
  if (state === 'ok') return styled('green', '✓');
  if (state === 'could-not-look') return styled('magenta', '?');
  return { blocking: styled('red', '✗'), warning: styled('yellow', '!'), information: styled('blue', 'i') }[severity];
}

function summary({ rules, blocking, warnings, couldNotLook, canProceed }: PreflightReport): string {
  const verdict = canProceed ? styled('green', 'Nothing blocks the migration.') : styled('red', 'The migration cannot start.');
  return `${verdict} ${rules.length} rules: ${blocking} blocking (✗), ${warnings} warnings (!), ${couldNotLook} could not be looked at (?).`;
}
