import { describe, expect, it } from 'vitest';

import { beatText, retryChanges, runChanges, shareOf } from '../../../cli/backup/changes.ts';
import { type BackupRunProgress, backupRunMarkdown, problemOf } from '../../../domain/backup/run-progress.ts';

const RUN: BackupRunProgress = { runId: 'r1', policy: 'nightly', state: 'running', phase: 'back up', sealed: true, databases: [{ database: 'shop', state: 'waiting' }, { database: 'blog', state: 'waiting' }] };
const STORED = { backupId: 'b1', storedBytes: 3_000_000, rawBytes: 9_000_000, rows: 1234, dumpSeconds: 2.5 };
const withShop = (row: object): BackupRunProgress => ({ ...RUN, databases: [{ database: 'shop', state: 'waiting', ...row }, RUN.databases[1]!] });

describe('a run of a policy is told by what has changed', () => {
  it('once for each state, and always that it was stored', () => {
    expect(runChanges(undefined, RUN)).toEqual([]);
    const dumping = withShop({ state: 'dumping' });
    expect(runChanges(RUN, dumping)).toEqual(['▶ shop  is dumped']);
    expect(runChanges(dumping, dumping)).toEqual([]);
    const proving = withShop({ state: 'proving', ...STORED });
    expect(runChanges(dumping, proving)).toEqual(['✓ shop  stored as b1, 2.9 MB of 8.6 MB, 1,234 rows, 2.5 s', '▶ shop  b1 is restored and compared']);
    expect(runChanges(proving, withShop({ state: 'proven', ...STORED, proofSeconds: 62 }))).toEqual(['✓ shop  b1 is proven, 1 min 02 s']);
    expect(runChanges(undefined, withShop({ state: 'stored', ...STORED }))).toEqual(['✓ shop  stored as b1, 2.9 MB of 8.6 MB, 1,234 rows, 2.5 s']);
  });

  it('with the reason when it went wrong, and loudly when nothing is encrypted', () => {
    const problem = { code: 'disk_full', message: 'no room', detail: 'first\nsecond' } as const;
    expect(runChanges(RUN, withShop({ state: 'failed', problem }))).toEqual(['✗ shop  was NOT backed up: no room\n    first\n    second']);
    expect(runChanges(undefined, { ...RUN, sealed: false })).toEqual(['NOTE:  policy "nightly" names no key: its backups are neither encrypted nor signed.']);
    expect(runChanges({ ...RUN, sealed: false }, { ...RUN, sealed: false })).toEqual([]);
    expect(runChanges(RUN, { ...RUN, expiry: { kept: 3, deleted: 2, bytes: 1024 } })).toEqual(['✓ expired 2 (1.0 kB), kept 3']);
  });
});

it('a step says what it does, how far it is, and what it waits for', () => {
  expect(beatText({ doing: 'dumping', rawBytes: 2048, storedBytes: 1024, stagedBytes: 0, files: 3, waitsFor: 'pid 42' })).toBe('dumping, 2.0 kB, 1.0 kB stored, 3 files, waits for pid 42');
  expect(beatText({ doing: 'rows of a', bytes: 512, totalBytes: 1024, steps: 1, totalSteps: 2 })).toBe('rows of a, 512 B of 1.0 kB');
  expect(beatText({ doing: 'taking a snapshot', rawBytes: 0, storedBytes: 0, files: 0, waitsFor: null })).toBe('taking a snapshot');
  expect([shareOf({ bytes: 1, totalBytes: 4 }), shareOf({ bytes: 1, totalBytes: 0 }), shareOf(undefined)]).toEqual([0.25, undefined, undefined]);
});

it('a step that is tried again is told of once for each attempt, with the reason', () => {
  const second = { step: 'dumpDatabase', attempt: 2, reason: 'the store failed with object a: The connection broke.' };
  expect(retryChanges(undefined, undefined)).toEqual([]);
  expect(retryChanges(undefined, second)).toEqual(['  ↻ dumpDatabase failed and is tried again, attempt 2: the store failed with object a: The connection broke.']);
  expect(retryChanges(second, second)).toEqual([]);
  expect(retryChanges(second, { ...second, attempt: 3 })).toHaveLength(1);
  expect(retryChanges(second, undefined)).toEqual([]);
});

it('is a table in the page of Temporal, whatever a database is called', () => {
  const odd: BackupRunProgress = { ...RUN, databases: [{ database: 'a|b\nc', state: 'proven', ...STORED, proofSeconds: 4 }], expiry: { kept: 1, deleted: 0, bytes: 0 } };
  expect(backupRunMarkdown(odd)).toBe(
    [
      '**backup nightly** · run `r1` · **running** · back up',
      '',
      '| database | state | stored | of | rows | dump | proof |',
      '| --- | --- | --- | --- | --- | --- | --- |',
      '| a b c | ✓ proven | 2.9\u00A0MB | 8.6\u00A0MB | 1234 | 2.5\u00A0s | 4.0\u00A0s |',
      '',
      'expired 0 (0 B), kept 1',
    ].join('\n'),
  );
  const many = backupRunMarkdown({ ...RUN, sealed: false, databases: Array.from({ length: 250 }, (_, index) => ({ database: `d${index}`, state: 'waiting' as const })) });
  expect(many).toContain('and 150 more');
  expect(many).toContain('**Not encrypted**');
});

it('blames a run for each database that has no good backup', () => {
  expect(problemOf(RUN)).toBeUndefined();
  const problem = { code: 'disk_full', message: 'no room', detail: 'none' } as const;
  expect(problemOf(withShop({ state: 'failed', problem }))).toEqual({ code: 'disk_full', message: 'policy "nightly" has 1 of 2 databases without a good backup of this run', detail: 'shop: no room (none)' });
});
