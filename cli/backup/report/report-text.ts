import type { Achieved, BackupReport, PolicyReport } from '../../../domain/backup/report.ts';
import { NIGHT_STATES } from '../../../domain/backup/report-night.ts';
import { bytesText } from '../../../domain/migration/progress.ts';
import { styled, textTable } from '../../output.ts';
import { minuteText, NIGHTS, spanText } from './words.ts';

/** The report for a terminal: a row per policy, its nights as a line of marks, and what is not as it should be. */
export function reportText({ policies, days }: BackupReport): string {
  if (policies.length === 0) return 'The inventory has no backup policies.';
  const head = ['policy', 'state', 'newest proven', 'age', 'RPO', 'restore', 'RTO', 'kept', ''];
  return [textTable(head, policies.map(rowOf)), '', `The last ${days} nights, oldest first:`, ...policies.map(nightsLine), '', legendOf(policies), ...policies.flatMap(remarksOf)].join('\n').trimEnd();
}

function rowOf({ policy, state, newestProven, rpo, rto, kept, keptBytes }: PolicyReport): string[] {
  return [policy, styled(state === 'good' ? 'green' : 'red', state), newestProven === null ? 'none' : `${minuteText(newestProven.snapshotAt)} UTC`, ...sides(rpo), ...sides(rto), String(kept.length), bytesText(keptBytes)];
}

const sides = ({ nowMs, objectiveMs, met }: Achieved): string[] => [nowMs === null ? '-' : spanText(nowMs), objectiveMs === null ? '-' : `${met === true ? '✓' : '✗'} ${spanText(objectiveMs)}`];

const nightsLine = ({ policy, nights }: PolicyReport): string => `  ${nights.map(({ state }) => NIGHTS[state].letter).join('')}  ${policy}`;

function legendOf(policies: readonly PolicyReport[]): string {
  const shown = NIGHT_STATES.filter((state) => state !== 'none' && policies.some(({ nights }) => nights.some((night) => night.state === state)));
  return shown.map((state) => `${NIGHTS[state].letter} ${NIGHTS[state].word}`).join('   ');
}

const NEWEST = 3;

const remarksOf = ({ policy, remark, problems }: PolicyReport): string[] => [
  ...(remark === null && problems.length === 0 ? [] : ['', `${policy}: ${remark ?? 'what went wrong last:'}`]),
  ...problems.slice(0, NEWEST).map(({ day, database, outcome, error, backupId }) => `  ${day} ${database} ${outcome === 'failed' ? 'failed' : 'was rejected'}${error === null ? '' : `: ${error.message}`} (${backupId})`),
];
