import type { MigrationProgress } from '../../domain/migration/progress.ts';
import type { Pace } from './copy-rate.ts';
import { copyText, phaseLine } from './progress-text.ts';

/** The copy is told of whenever it has come this much further, in percent. */
const COPY_STEP = 10;

/** What has changed between two looks, a line for each change; the first look (`before` undefined) tells all that was so far. */
export function changeLines(before: MigrationProgress | undefined, after: MigrationProgress, pace?: Pace): string[] {
  const phases = after.phases.filter((row) => row.state !== 'waiting' && row.state !== before?.phases.find(({ phase }) => phase === row.phase)?.state);
  const copied = share(after) > share(before) ? [`  copy: ${copyText(after, pace)!}`] : [];
  const changed = after.state !== before?.state && after.state !== 'running' ? [`migration ${after.migration} is ${after.state.replaceAll('-', ' ')}`] : [];
  return [...phases.map(phaseLine), ...copied, ...changed];
}

function share(progress: MigrationProgress | undefined): number {
  const { bytesDone = 0, bytesTotal = 0 } = progress?.copy ?? {};
  return bytesTotal === 0 ? 0 : Math.floor((bytesDone / bytesTotal) * (100 / COPY_STEP));
}
