import type { SwitchoverPlan, SwitchoverResult } from '../../domain/cluster/switchover/result.ts';
import type { CheckReport } from '../../domain/cluster/switchover/preflight.ts';
import { windowDurations } from '../../domain/cluster/switchover/progress.ts';
import { styled } from '../output.ts';
import { wrapText } from '../wrap-text.ts';

/** Every check with its result, who was not chosen and why, and the predicted downtime: what is read before consent is given. */
export function planText({ from, to, excluded, preflight }: SwitchoverPlan, width: number): string {
  const idWidth = Math.max(...preflight.checks.map(({ id }) => id.length));
  return [
    styled('bold', `${from} → ${to}`),
    ...excluded.map(({ node, rule, reason, override }) => `  ${node} was not chosen (${rule}): ${reason}${override === null ? '' : ` To allow it: ${override}.`}`),
    '',
    ...preflight.checks.map((check) => checkText(check, { idWidth, width })),
    '',
    downtimeText(preflight.downtime),
    preflight.canProceed ? styled('green', 'Nothing stands against the switchover.') : styled('red', 'The switchover cannot be started.'),
  ].join('\n');
}

function checkText(check: CheckReport, { idWidth, width }: { idWidth: number; width: number }): string {
  const indent = idWidth + 6;
  const columns = Math.max(width - indent, 30);
  const [first, ...rest] = [...wrapText(check.evidence, columns), ...(check.remedy === undefined ? [] : wrapText(`→ ${check.remedy}`, columns))];
  return [`  ${mark(check)} ${check.id.padEnd(idWidth)}  ${first}`, ...rest.map((line) => `${' '.repeat(indent)}${line}`)].join('\n');
}

/** ✗ blocks, ! should be read, i is good to know, ? could not be looked at. */
function mark({ state, severity }: CheckReport): string {
  if (state === 'ok') return styled('green', '✓');
  if (state === 'could-not-look') return styled('magenta', '?');
  return { blocking: styled('red', '✗'), warning: styled('yellow', '!'), information: styled('blue', 'i') }[severity];
}

function downtimeText({ expectedMs, parts }: SwitchoverPlan['preflight']['downtime']): string {
  if (expectedMs === null) return 'How long writes will be held back cannot be foretold: facts are missing.';
  return `Writes will be held back for about ${expectedMs} ms: ${parts.map(({ part, ms }) => `${part} ${ms}`).join(', ')}.`;
}

export function switchoverText({ end, cluster, plan, window, missing, problems }: SwitchoverResult): string {
  const way = plan === null ? `cluster "${cluster}"` : `cluster "${cluster}" from ${plan.from} to ${plan.to}`;
  const lines = problems.map(({ step, error }) => [`${step}: ${error.message}.`, ...(error.detail === undefined ? [] : [error.detail]), ...(error.hint === undefined ? [] : [`→ ${error.hint}`])].join('\n  '));
  if (end === 'ABORTED') return [`ABORTED: the switchover of ${way} was taken back; the old primary serves as before.`, ...lines].join('\n');
  const head = `${end}: the switchover of ${way}.`;
  const blocked = window?.outcome !== 'switched' ? [] : [window.blockedMs === null ? 'How long writes were held back was not measured: the agent that led the window was killed in it.' : `Writes were held back for ${window.blockedMs} ms: ${[...windowDurations(window)].filter(([, ms]) => ms > 0).map(([step, ms]) => `${step} ${ms}`).join(', ')}. The new timeline is ${window.timeline}.`];
  return [head, ...blocked, ...(missing.length === 0 ? [] : [`Still to be done: ${missing.join(', ')}.`]), ...lines].join('\n');
}
