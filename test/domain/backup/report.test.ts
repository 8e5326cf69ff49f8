import { expect, it } from 'vitest';

import { parseCron } from '../../../domain/backup/cron.ts';
import { buildReport, type PolicyReport, type ReportedPolicy } from '../../../domain/backup/report.ts';
import type { ReportedBackup } from '../../../domain/backup/report-night.ts';

const AT = '2026-11-20T12:00:00.000Z';
const HOUR_MS = 3_600_000;

function backup(age: number, rest: Partial<ReportedBackup> = {}): ReportedBackup {
  const at = new Date(Date.parse(AT) - age * 24 * HOUR_MS).toISOString();
  return { backupId: `b${age}`, runId: `r${age}`, server: 'shop', systemId: '7311', database: 'shop', state: 'proven', createdAt: at, snapshotAt: at, storedAt: at, provenAt: at, hold: null, storedBytes: 100, rawBytes: 400, rows: 5, dumpSeconds: 10, restoreSeconds: 20, error: null, ...rest };
}

const failed = { state: 'failed', snapshotAt: null, storedAt: null, provenAt: null, storedBytes: null, dumpSeconds: null, restoreSeconds: null, error: { code: 'store_failed', message: 'the store failed' } } as const;

const reportOn = (backups: readonly ReportedBackup[], rest: Partial<ReportedPolicy> = {}): PolicyReport =>
  buildReport({ at: AT, days: 10, policies: [{ policy: 'p', server: 'shop', wanted: null, timeZone: 'UTC', times: parseCron('0 12 * * *')!, rpoMs: 26 * HOUR_MS, rtoMs: 60_000, backups, verdicts: [], ...rest }] }).policies[0]!;

const states = ({ nights }: PolicyReport): string[] => nights.map(({ state }) => state);

it('shows how every night ended, also of what has been removed since', () => {
  const report = reportOn([
    backup(0, { state: 'created', snapshotAt: null, storedAt: null, provenAt: null }), backup(1), backup(2, { state: 'stored', provenAt: null }), backup(4, { state: 'rejected', error: { code: 'backup_damaged', message: 'x' } }), backup(5, failed),
    backup(6, { state: 'deleted' }), backup(7, { ...failed, state: 'deleted' }), backup(8, { state: 'deleted', provenAt: null, error: { code: 'backup_damaged', message: 'x' } }),
  ]);
  expect(states(report)).toEqual(['none', 'rejected', 'failed', 'expired', 'failed', 'rejected', 'missed', 'unproven', 'proven', 'running']);
  expect(report.problems.map(({ backupId, outcome }) => [backupId, outcome])).toEqual([['b4', 'rejected'], ['b5', 'failed'], ['b7', 'failed'], ['b8', 'rejected']]);
});

it('a night is what its last backup of each database is, and tells of the others', () => {
  const again = backup(1, { backupId: 'again', createdAt: '2026-11-19T13:00:00Z', snapshotAt: '2026-11-19T13:00:00Z' });
  const report = reportOn([backup(0), backup(1, failed), again, backup(1, { database: 'b', backupId: 'b' }), backup(0, { database: 'b', backupId: 'b0' })]);
  expect(report.nights.at(-2)).toMatchObject({ state: 'proven', storedBytes: 200, dumpSeconds: 20 });
  expect(report.problems.map(({ backupId }) => backupId)).toEqual(['b1']);
  expect(reportOn([again, backup(1, { ...failed, createdAt: '2026-11-19T14:00:00Z' })]).nights.at(-2)?.state).toBe('failed');
});

it('misses only what the schedule names, after the first backup and before today', () => {
  expect(states(reportOn([backup(4)], { times: parseCron('0 12 * * MON-WED')! })).slice(5)).toEqual(['proven', 'missed', 'missed', 'none', 'none']);
  expect(states(reportOn([backup(4)], { times: null })).slice(5)).toEqual(['proven', 'none', 'none', 'none', 'none']);
});

it('measures against the objectives by the database that is furthest behind', () => {
  const report = reportOn([backup(0, { database: 'a' }), backup(1, { database: 'b', restoreSeconds: 90 }), backup(3, { database: 'b' })]);
  expect(report).toMatchObject({ state: 'behind', newestProven: { database: 'b' }, rpo: { nowMs: 24 * HOUR_MS, worstMs: 48 * HOUR_MS, met: true }, rto: { nowMs: 90_000, met: false } });
  expect(report.remark).toBe('A restore takes longer than the objective allows.');
});

it('does not call good what nobody has proven', () => {
  expect(reportOn([backup(0), backup(0, { database: 'b', state: 'stored', provenAt: null, backupId: 'x' })])).toMatchObject({ state: 'behind', newestProven: null, rpo: { nowMs: null, met: false } });
  expect(reportOn([backup(0)])).toMatchObject({ state: 'good', remark: null });
  expect(reportOn([backup(2)])).toMatchObject({ state: 'behind', remark: 'The newest proven backup is older than the objective allows.' });
  expect(reportOn([])).toMatchObject({ state: 'empty' });
});

it('B39 says why when the newest night was bad, although a proven backup is there', () => {
  expect(reportOn([backup(0, failed), backup(1)])).toMatchObject({ state: 'failing', remark: 'The newest backup of shop has failed: the store failed.' });
  expect(reportOn([backup(0, { state: 'rejected', error: { code: 'backup_damaged', message: 'an object is gone' } }), backup(1)])).toMatchObject({ state: 'failing', remark: 'The newest backup of shop was rejected: an object is gone.' });
});

it('asks nothing of the line that an upgrade left behind', () => {
  expect(reportOn([backup(0), backup(30, { systemId: '1' })])).toMatchObject({ state: 'good', rpo: { nowMs: 0 } });
});

it('asks nothing of a database that was taken out of the policy', () => {
  const backups = [backup(0), backup(9, { database: 'old', backupId: 'old' })];
  expect(reportOn(backups)).toMatchObject({ state: 'behind', newestProven: { database: 'old' } });
  expect(reportOn(backups, { wanted: ['shop'] })).toMatchObject({ state: 'good', newestProven: { database: 'shop' } });
});

it('a database of the policy that was never backed up is not proven', () => {
  expect(reportOn([backup(0)], { wanted: ['shop', 'blog'] })).toMatchObject({ state: 'behind', newestProven: null, remark: 'Not every database has a proven backup.' });
});
