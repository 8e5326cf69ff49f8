import { APPLICATION_PREFIX, type Session } from '../../postgres/connection.ts';
import { outliveClient } from '../../postgres/cutover/fence.ts';
import type { RunContext } from '../dependencies.ts';

/**
 * Everything the window and the proof after it talk through, opened beforehand: once the source is fenced, no session of ours
 * could be opened any more either.
 */
export interface WindowSessions extends AsyncDisposable {
  /** The source's maintenance database: orders the fence. */
  readonly control: Session;
  /** The source's maintenance database: sleeps, and takes the fence down if nobody stops it. */
  readonly deadMan: Session;
  /** The database on the source; the first for the window itself, all of them for the proof. */
  readonly source: readonly Session[];
  readonly target: readonly Session[];
  /** Process ids on the source that the fence must spare. */
  readonly ours: readonly number[];
}

/** A parallel worker connects to the database anew, which a fenced one refuses, and the whole question fails with it. */
const ALONE = { max_parallel_workers_per_gather: '0' } as const;

const WINDOW = 'cutover';
const DEAD_MAN = 'deadman';

/** How the sessions of a run's window, and its dead-man's switches, are found again on the source. */
export const windowName = (runId: string): string => `${APPLICATION_PREFIX}${WINDOW}_${runId}`;
export const deadManName = (runId: string): string => `${APPLICATION_PREFIX}${DEAD_MAN}_${runId}`;

export async function openWindowSessions(run: RunContext, proofLanes: number): Promise<WindowSessions> {
  const lanes = Array.from({ length: proofLanes });
  const opened: Session[] = [];
  const keep = async (opening: Promise<Session>): Promise<Session> => {
    const session = await opening;
    opened.push(session);
    return session;
  };
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((session) => session.close()));
  };
  try {
    const control = await keep(run.openSourceServer(WINDOW));
    const deadMan = await keep(run.openSourceServer(DEAD_MAN));
    await outliveClient(deadMan);
    const source = await Promise.all(lanes.map(() => keep(run.openSource(WINDOW, ALONE))));
    const target = await Promise.all(lanes.map(() => keep(run.openTarget(WINDOW))));
    return { control, deadMan, source, target, ours: [control, deadMan, ...source].map((session) => session.pid), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
