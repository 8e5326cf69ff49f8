import { PassThrough } from 'node:stream';

import { expect, it } from 'vitest';

import { changeLines } from '../../../cli/migration/changes.ts';
import { CopyRate } from '../../../cli/migration/copy-rate.ts';
import { barText, openView } from '../../../cli/migration/live-view.ts';
import { copyText, nowText, secondsText, statusText } from '../../../cli/migration/progress-text.ts';
import { type MigrationProgress, newPhases } from '../../../domain/migration/progress.ts';

const MB = 1024 ** 2;
const copy = { tables: 12, bytesTotal: 1000 * MB, bytesDone: 0, rows: 0, tasksTotal: 40, tasksDone: 0, running: [], generation: 1 };

/** A migration whose first `done` phases took two seconds each, and whose next one has run since second 10. */
function progressAt(done: number, more: Partial<MigrationProgress> = {}): MigrationProgress {
  const phases = newPhases().map((row, index) => {
    if (index < done) return { ...row, state: 'done' as const, startedAt: 1_000, endedAt: 3_000 };
    return index === done ? { ...row, state: 'running' as const, startedAt: 10_000 } : row;
  });
  return { runId: 'r1', migration: 'shop', state: 'running', phases, ...more };
}

it.each([[0.04, '0.0 s'], [9.94, '9.9 s'], [59.4, '59 s'], [185, '3 min 05 s'], [7620, '2 h 07 min']])('says %d seconds as %s', (seconds, text) => {
  expect(secondsText(seconds)).toBe(text);
});

it('tells the rate and the time left from what was copied within the last minute', () => {
  const rate = new CopyRate();
  expect(rate.note({ bytesDone: 0, bytesTotal: 1000 }, 0)).toBeUndefined();
  expect(rate.note({ bytesDone: 0, bytesTotal: 1000 }, 1_000)).toBeUndefined();
  expect(rate.note({ bytesDone: 100, bytesTotal: 1000 }, 10_000)).toEqual({ bytesPerSecond: 10, etaSeconds: 90 });
  rate.note({ bytesDone: 100, bytesTotal: 1000 }, 60_000);
  // A minute later the pause counts no more, and the slow begin neither.
  rate.note({ bytesDone: 400, bytesTotal: 1000 }, 110_000);
  expect(rate.note({ bytesDone: 700, bytesTotal: 1000 }, 120_001)?.bytesPerSecond).toBeCloseTo(10);
  // A snapshot was lost and the copy begins anew.
  expect(rate.note({ bytesDone: 0, bytesTotal: 1000 }, 122_000)).toBeUndefined();
});

it('has one line for every change', () => {
  const first = progressAt(2, { copy });
  expect(changeLines(undefined, first)).toEqual(['✓ preflight      2.0 s', '✓ schema         2.0 s', '▶ copy']);
  expect(changeLines(first, first)).toEqual([]);
  expect(changeLines(first, progressAt(2, { copy: { ...copy, bytesDone: 90 * MB } }))).toEqual([]);
  const third = progressAt(2, { copy: { ...copy, bytesDone: 300 * MB, tasksDone: 9 } });
  expect(changeLines(first, third, { bytesPerSecond: 20 * MB, etaSeconds: 35 })).toEqual(['  copy: 30 % of 1000 MB in 12 tables, 9 of 40 steps, 20.0 MB/s, about 35 s left']);
  expect(changeLines(third, progressAt(3, { copy: third.copy!, state: 'parked' }))).toEqual(['✓ copy           2.0 s', '▶ indexes', 'migration shop is parked']);
});

it('says what is going on', () => {
  const running = ['copy a', 'copy b', 'copy c', 'copy d', 'copy e'];
  expect(nowText(progressAt(2, { copy: { ...copy, running }, lag: { bytes: 2048, bytesMax: 4096, seconds: 1 } }), 14_500)).toBe('copy for 4.5 s · copy a; copy b; copy c and 2 more · lag 2.0 kB');
  expect(copyText(progressAt(0))).toBeUndefined();
});

it('draws a bar as long as the share that is done', () => {
  const options = { barsize: 8, barCompleteString: '████████', barIncompleteString: '········', barGlue: '' };
  expect(barText(options, { progress: 0.5 }, { text: '50 %', bar: true })).toBe('████····  50 %');
  expect(barText(options, { progress: 0 }, { text: '▶ schema', bar: false })).toBe('▶ schema');
});

it('draws bars on a terminal, and leaves what ended above them', () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100, cursorTo: () => true, clearScreenDown: () => true });
  let drawn = '';
  stream.on('data', (chunk: Buffer) => (drawn += chunk.toString()));
  {
    using view = openView(stream as unknown as NodeJS.WriteStream);
    view.show(progressAt(2, { copy }));
    view.show(progressAt(2, { copy: { ...copy, bytesDone: 250 * MB, running: ['copy film'] } }));
    view.note('  Temporal is away.');
  }
  expect(drawn).toContain('✓ schema         2.0 s');
  expect(drawn).toContain(`${'█'.repeat(6)}${'·'.repeat(18)}  25 % of 1000 MB in 12 tables`);
  expect(drawn).toContain('copy film');
  expect(drawn).toContain('  Temporal is away.');
  expect(drawn).not.toContain('▶ copy\n');
});

it('shows a run as a table, with what it waits for', () => {
  const text = statusText(progressAt(6, { copy: { ...copy, bytesDone: copy.bytesTotal, rows: 1234, tasksDone: 40 }, state: 'waiting-for-approval', next: 'Look at the report.' }));
  expect(text).toContain('migration shop, run r1: waiting for approval');
  expect(text).toMatch(/✓ catch-up +1970-01-01T00:00:01Z +2\.0 s/);
  expect(text).toContain('copy: 100 % of 1000 MB in 12 tables, 40 of 40 steps, 1,234 rows');
  expect(text.endsWith('\n\nLook at the report.')).toBe(true);
});
