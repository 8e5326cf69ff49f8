import type { Session } from '../../postgres/connection.ts';
import { connect } from '../../postgres/connection.ts';
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

/** How the dead-man's switches of a run are found again. */
export const deadManPurpose = (runId: string): string => `deadman_${runId}`;

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
    const control = await keep(run.openSourceServer('cutover'));
    const deadMan = await keep(connect(run.source, { purpose: deadManPurpose(run.runId) }));
    const source = await Promise.all(lanes.map(() => keep(run.openSource('cutover'))));
    const target = await Promise.all(lanes.map(() => keep(run.openTarget('cutover'))));
    return { control, deadMan, source, target, ours: [control, deadMan, ...source].map((session) => session.pid), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
