import { bytesText, type MigrationProgress, type PhaseProgress } from '../../domain/migration/progress.ts';
import { styled, textTable } from '../output.ts';
import type { Pace } from './copy-rate.ts';

/** `0.4 s`, `42 s`, `3 min 05 s`, `2 h 07 min`. */
export function secondsText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

const MARKS = { waiting: '·', running: '▶', done: '✓', skipped: '–', failed: '✗' } as const;
const STYLES = { waiting: 'dim', running: 'cyan', done: 'green', skipped: 'dim', failed: 'red' } as const;

/** `✓ copy  12 s  1000 rows` */
export function phaseLine({ phase, state, startedAt, endedAt, detail }: PhaseProgress): string {
  const took = startedAt === undefined || endedAt === undefined ? '' : secondsText((endedAt - startedAt) / 1000);
  return `${MARKS[state]} ${phase.padEnd(9)} ${took.padStart(10)}  ${detail ?? ''}`.trimEnd();
}

/** How far the copy is, in one line. `pace`: while it goes on. */
export function copyText({ copy }: MigrationProgress, pace?: Pace): string | undefined {
  if (copy === undefined) return undefined;
  const share = copy.bytesTotal === 0 ? 100 : Math.floor((copy.bytesDone / copy.bytesTotal) * 100);
  return [
    `${share} % of ${bytesText(copy.bytesTotal)} in ${copy.tables} tables`,
    `${copy.tasksDone} of ${copy.tasksTotal} steps`,
    ...(pace === undefined ? [] : [`${bytesText(pace.bytesPerSecond)}/s`, `about ${secondsText(pace.etaSeconds)} left`]),
  ].join(', ');
}

/** What is going on: phases at work, tables at work, lag. */
export function nowText({ phases, copy, lag }: MigrationProgress, now: number): string {
  const running = phases.filter(({ state }) => state === 'running').map(({ phase, startedAt }) => `${phase}${startedAt === undefined ? '' : ` for ${secondsText((now - startedAt) / 1000)}`}`);
  const work = copy === undefined || copy.running.length === 0 ? '' : `${copy.running.slice(0, 3).join('; ')}${copy.running.length > 3 ? ` and ${copy.running.length - 3} more` : ''}`;
  return [running.join(', '), work, lag === undefined ? '' : `lag ${bytesText(lag.bytes)}`].filter((part) => part !== '').join(' · ');
}

/** Everything `pgconvoy migrate status` says of one run. */
export function statusText(progress: MigrationProgress): string {
  const { migration, runId, state, phases, copy, lag, cutover, next } = progress;
  const rows = phases.map(({ phase, state: at, startedAt, endedAt, detail }) => [
    styled(STYLES[at], `${MARKS[at]} ${phase}`),
    startedAt === undefined ? '' : new Date(startedAt).toISOString().replace(/\.\d+Z$/, 'Z'),
    startedAt === undefined ? '' : secondsText(((endedAt ?? Date.now()) - startedAt) / 1000),
    detail ?? '',
  ]);
  const facts = [
    ...(copy === undefined ? [] : [`copy: ${copyText(progress)!}, ${copy.rows.toLocaleString('en')} rows`]),
    ...(copy === undefined || copy.running.length === 0 ? [] : [`now: ${copy.running.join('; ')}`]),
    ...(lag === undefined ? [] : [`lag: ${bytesText(lag.bytes)}, highest ${bytesText(lag.bytesMax)}`]),
    ...(cutover?.windowMs === undefined ? [] : [`writes paused: ${cutover.windowMs} ms, attempt ${cutover.attempt}`]),
  ];
  return [
    `migration ${styled('bold', migration)}, run ${runId}: ${styled('bold', state.replaceAll('-', ' '))}`,
    textTable(['phase', 'began', 'took', ''], rows),
    ...(facts.length === 0 ? [] : [facts.join('\n')]),
    ...(next === undefined ? [] : [next]),
  ].join('\n\n');
}
