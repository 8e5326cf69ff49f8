/**
 * What a run does next, from its journal alone: the worker that asks may be another than the one that wrote it. A step that was begun and has no result is
 * done again, because each looks first; before anything else is decided the claim of the epoch is settled that way. A run ends in one of three ways, and
 * as long as it cannot it goes on trying.
 */
import { POINT_OF_NO_RETURN, type RunStep } from './steps.ts';

/** SUCCESS; INCOMPLETE: service is up, redundancy is not; ABORTED: the original primary serves. */
export const RUN_ENDS = ['SUCCESS', 'INCOMPLETE', 'ABORTED'] as const;
export type RunEnd = (typeof RUN_ENDS)[number];

/** `intent` is written before a step or its undo is tried. */
export const RUN_PHASES = ['intent', 'done', 'failed', 'undo-intent', 'undone', 'undo-failed'] as const;
export type RunPhase = (typeof RUN_PHASES)[number];

export interface RunEvent {
  /** Id of a step, or {@link ESCALATION}. */
  readonly step: string;
  readonly phase: RunPhase;
}

/** The failover that a run begins because the old primary cannot be brought back; it is done when that failover has a serving primary. */
export const ESCALATION = 'failover';

export type Move =
  | { readonly move: 'do'; readonly step: string }
  | { readonly move: 'undo'; readonly step: string; readonly how: string }
  /** A human is called; the step is done again when facts change, or everything is taken back when an abort is ordered. */
  | { readonly move: 'wait'; readonly step: string }
  | { readonly move: 'escalate' }
  | { readonly move: 'end'; readonly end: RunEnd; readonly missing: readonly string[] };

export function nextMove(steps: readonly RunStep[], journal: readonly RunEvent[], abortOrdered: boolean): Move {
  const last = new Map(journal.map(({ step, phase }) => [step, phase]));
  const claim = last.get(POINT_OF_NO_RETURN);
  if (claim === 'intent') return { move: 'do', step: POINT_OF_NO_RETURN };
  if (claim !== 'done' && isTakenBack(steps, journal, abortOrdered)) return takeBack(steps, last);
  // Behind the claim only another operation ends it otherwise, by promoting another node.
  if (claim === 'done' && last.get(ESCALATION) === 'done') return { move: 'end', end: 'INCOMPLETE', missing: steps.filter(({ id }) => last.get(id) !== 'done').map(({ id }) => id) };
  const next = steps.find(({ id, onFailure }) => last.get(id) !== 'done' && !(last.get(id) === 'failed' && onFailure === 'go-on'));
  if (next !== undefined) return last.get(next.id) === 'failed' && next.onFailure === 'wait' ? { move: 'wait', step: next.id } : { move: 'do', step: next.id };
  const missing = steps.filter(({ id }) => last.get(id) !== 'done').map(({ id }) => id);
  return { move: 'end', end: missing.length === 0 ? 'SUCCESS' : 'INCOMPLETE', missing };
}

/** Once anything was taken back there is no way forward any more. */
function isTakenBack(steps: readonly RunStep[], journal: readonly RunEvent[], abortOrdered: boolean): boolean {
  return abortOrdered || journal.some((event) => event.phase.startsWith('undo') || (event.phase === 'failed' && steps.some(({ id, onFailure }) => id === event.step && onFailure === 'undo')));
}

/** In reverse, the one that failed or was begun included. What a failover has taken over is not taken back by us. */
function takeBack(steps: readonly RunStep[], last: ReadonlyMap<string, RunPhase>): Move {
  const escalated = last.get(ESCALATION);
  const open = steps.toReversed().filter(({ id, undo, escalates }) => undo !== null && last.has(id) && last.get(id) !== 'undone' && !(escalated === 'done' && escalates));
  const [step] = open;
  if (step === undefined) return escalated === 'done' ? { move: 'end', end: 'INCOMPLETE', missing: ['original primary'] } : { move: 'end', end: 'ABORTED', missing: [] };
  if (step.escalates && last.get(step.id) === 'undo-failed') return { move: 'escalate' };
  return { move: 'undo', step: step.id, how: step.undo! };
}

/** Whether an order to abort can still be followed; from the claim on it is refused. */
export const mayAbort = (journal: readonly RunEvent[]): boolean => !journal.some(({ step, phase }) => step === POINT_OF_NO_RETURN && (phase === 'intent' || phase === 'done'));
