import type { ScheduleReport } from '../../client/schedule-reports.ts';
import type { ScheduleChange, SchedulePlan } from '../../client/schedules.ts';
import { textTable } from '../output.ts';

/** Tables of `pgconvoy schedule` for people. */
export function reportText(reports: readonly ScheduleReport[], warnings: readonly string[]): string {
  if (reports.length === 0) return 'No policy of the inventory has a schedule, and none is in force.';
  const rows = reports.map((report) => [report.policy, report.state, minuteText(report.next[0]), lastText(report), remarkOf(report)]);
  return [textTable(['policy', 'state', 'next', 'last', ''], rows), ...warnings.map((warning) => `! ${warning}`)].join('\n');
}

const minuteText = (instant: string | undefined): string => (instant === undefined ? '-' : `${instant.slice(0, 16).replace('T', ' ')} UTC`);
const lastText = ({ last }: ScheduleReport): string => (last === null ? '-' : `${minuteText(last.at)} ${last.status}`);

function remarkOf({ drift, paused, note, missed, skipped, state }: ScheduleReport): string {
  const remarks = [
    ...drift.map(({ what, declared, actual }) => `${what}: ${actual}, declared ${declared}`),
    ...(paused && note !== null ? [note] : []),
    ...(state === 'not in force' ? ['run `pgconvoy schedule apply`'] : []),
    ...(state === 'not declared' ? ['`pgconvoy schedule apply` removes it'] : []),
    ...(missed > 0 ? [`${missed} missed`] : []),
    ...(skipped > 0 ? [`${skipped} passed over while one ran`] : []),
  ];
  return remarks.join('; ');
}

const DONE: Readonly<Record<ScheduleChange, string>> = { 'in force': 'in force already', create: 'put in force', update: 'changed', delete: 'removed' };
const WOULD: Readonly<Record<ScheduleChange, string>> = { 'in force': 'in force already', create: 'would be put in force', update: 'would be changed', delete: 'would be removed' };

export function planText(plans: readonly SchedulePlan[], { dryRun, warnings }: { readonly dryRun: boolean; readonly warnings: readonly string[] }): string {
  const lines = plans.flatMap(({ policy, change, drift }) => [`${policy}: ${(dryRun ? WOULD : DONE)[change]}`, ...drift.map(({ what, declared, actual }) => `  ${what}: ${actual} → ${declared}`)]);
  return [...(lines.length === 0 ? ['No policy of the inventory has a schedule, and none is in force.'] : lines), ...warnings.map((warning) => `! ${warning}`)].join('\n');
}
