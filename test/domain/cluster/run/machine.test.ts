import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ESCALATION, mayAbort, nextMove, RUN_ENDS, type Move, type RunEvent, type RunPhase } from '../../../../domain/cluster/run/machine.ts';
import { FAILOVER_STEPS, POINT_OF_NO_RETURN, SWITCHOVER_STEPS, type RunStep } from '../../../../domain/cluster/run/steps.ts';

const PLANS = { switchover: SWITCHOVER_STEPS, failover: FAILOVER_STEPS } as const;
const event = (step: string, phase: RunPhase): RunEvent => ({ step, phase });
const doneUpTo = (steps: readonly RunStep[], id: string): RunEvent[] => steps.slice(0, steps.findIndex((step) => step.id === id)).map((step) => event(step.id, 'done'));
const indexOf = (steps: readonly RunStep[], id: string): number => steps.findIndex((step) => step.id === id);

/** How a try ends: well, with an error, or with the death of the worker before or after its effect. */
type Luck = 'well' | 'error' | 'killed-before' | 'killed-after';

/** The servers as the steps change them; what a run really leaves behind. */
interface World {
  old: 'serving' | 'closed' | 'down' | 'down-for-good';
  promoted: boolean;
  routed: boolean;
  locked: boolean;
}

const EFFECTS: Readonly<Record<string, (world: World) => void>> = {
  lock: (world) => { world.locked = true; },
  drain: (world) => { world.old = 'closed'; },
  'stop-primary': (world) => { world.old = 'down'; },
  fence: (world) => { world.old = 'down'; },
  promote: (world) => { world.promoted = true; },
  'switch-route': (world) => { world.routed = true; },
  unlock: (world) => { world.locked = false; },
};

const UNDONE: Readonly<Record<string, (world: World) => void>> = {
  lock: (world) => { world.locked = false; },
  drain: (world) => { if (world.old === 'closed') world.old = 'serving'; },
  'stop-primary': (world) => { if (world.old === 'down') world.old = 'closed'; },
  fence: (world) => { if (world.old === 'down') world.old = 'serving'; },
};

interface Run {
  readonly journal: RunEvent[];
  readonly moves: Move[];
  readonly world: World;
  readonly end: Move & { move: 'end' };
}

/** Plays a run to its end. Luck runs out of misfortune, as repeated tries do in the end; an operator who is called orders the abort, or not. */
function play(steps: readonly RunStep[], luck: (place: number) => Luck, order: { abortAt: number; abortWhenWaiting: boolean; oldIsGone: boolean }): Run {
  const journal: RunEvent[] = [];
  const moves: Move[] = [];
  const world: World = { old: 'serving', promoted: false, routed: false, locked: false };
  let aborted = false;
  for (let place = 0; place < 400; place += 1) {
    if (place >= order.abortAt && mayAbort(journal)) aborted = true;
    const move = nextMove(steps, journal, aborted);
    moves.push(move);
    if (move.move === 'end') return { journal, moves, world, end: move };
    const fate = place > 60 ? 'well' : luck(place);
    if (move.move === 'wait') {
      if (order.abortWhenWaiting) aborted = true;
      else journal.push(event(move.step, 'intent'));
      continue;
    }
    const [step, intent, done, failed, effect] =
      move.move === 'escalate' ? ([ESCALATION, 'intent', 'done', 'failed', (changed: World) => { changed.promoted = true; changed.routed = true; }] as const)
      : move.move === 'undo' ? ([move.step, 'undo-intent', 'undone', 'undo-failed', UNDONE[move.step]] as const)
      : ([move.step, 'intent', 'done', 'failed', EFFECTS[move.step]] as const);
    journal.push(event(step, intent));
    const impossible = order.oldIsGone && move.move === 'undo' && ['stop-primary', 'fence'].includes(step);
    if (fate === 'killed-before') continue;
    if (fate === 'error' || impossible) { journal.push(event(step, failed)); continue; }
    effect?.(world);
    if (fate === 'well') journal.push(event(step, done));
  }
  throw new Error(`no end after ${journal.map(({ step, phase }) => `${step}:${phase}`).join(' ')}`);
}

function expectSafe(steps: readonly RunStep[], { journal, moves, world, end }: Run): void {
  expect(RUN_ENDS).toContain(end.end);
  const claimed = journal.findIndex(({ step, phase }) => step === POINT_OF_NO_RETURN && phase === 'done');
  const promoted = journal.findIndex(({ step }) => step === 'promote');
  // Never a promotion without the claim, and nothing taken back after it.
  if (promoted >= 0) expect(claimed).toBeGreaterThanOrEqual(0);
  if (promoted >= 0) expect(promoted).toBeGreaterThan(claimed);
  if (claimed >= 0) expect(journal.slice(claimed).filter(({ step, phase }) => phase.startsWith('undo') || step === ESCALATION)).toEqual([]);
  expect(world.locked).toBe(false);
  if (end.end === 'ABORTED') expect(world).toMatchObject({ old: 'serving', promoted: false });
  else expect(world).toMatchObject({ promoted: true, routed: true });
  if (end.end === 'SUCCESS') expect(steps.filter(({ id }) => !journal.some(({ step, phase }) => step === id && phase === 'done'))).toEqual([]);
  expect(moves.filter(({ move }) => move === 'end')).toHaveLength(1);
}

describe.each(Object.entries(PLANS))('a %s', (_, steps) => {
  it('does its steps in order and succeeds', () => {
    const { moves, end } = play(steps, () => 'well', { abortAt: Infinity, abortWhenWaiting: false, oldIsGone: false });
    expect(moves.slice(0, -1)).toEqual(steps.map(({ id }) => ({ move: 'do', step: id })));
    expect(end).toEqual({ move: 'end', end: 'SUCCESS', missing: [] });
  });

  it.each(steps.map(({ id }) => id))('ends in a known way when its worker dies or fails at %s', (id) => {
    for (const misfortune of ['killed-before', 'killed-after', 'error'] as const) {
      for (const abortWhenWaiting of [true, false]) {
        const run = play(steps, (place) => (place === indexOf(steps, id) ? misfortune : 'well'), { abortAt: Infinity, abortWhenWaiting, oldIsGone: false });
        expectSafe(steps, run);
        if (misfortune !== 'error') expect(run.end.end).toBe('SUCCESS');
      }
    }
  });

  it.each(steps.map(({ id }) => id))('ends in a known way when an abort is ordered at %s', (id) => {
    const run = play(steps, () => 'well', { abortAt: indexOf(steps, id), abortWhenWaiting: false, oldIsGone: false });
    expectSafe(steps, run);
    expect(run.end.end).toBe(indexOf(steps, id) <= indexOf(steps, POINT_OF_NO_RETURN) ? 'ABORTED' : 'SUCCESS');
  });

  it('is safe through any misfortune, any abort, and the loss of the old primary', () => {
    const luck = fc.array(fc.constantFrom<Luck>('well', 'well', 'well', 'error', 'killed-before', 'killed-after'), { minLength: 61, maxLength: 61 });
    fc.assert(
      fc.property(luck, fc.option(fc.nat({ max: 60 })), fc.boolean(), fc.boolean(), (fates, abortAt, abortWhenWaiting, oldIsGone) => {
        expectSafe(steps, play(steps, (place) => fates[place]!, { abortAt: abortAt ?? Infinity, abortWhenWaiting, oldIsGone }));
      }),
      { numRuns: 1000 },
    );
  });

  it('takes back in reverse what has an undo', () => {
    const { moves } = play(steps, () => 'well', { abortAt: indexOf(steps, POINT_OF_NO_RETURN), abortWhenWaiting: false, oldIsGone: false });
    const undoable = steps.slice(0, indexOf(steps, POINT_OF_NO_RETURN)).filter(({ undo }) => undo !== null);
    expect(moves.filter(({ move }) => move === 'undo')).toEqual(undoable.toReversed().map(({ id, undo }) => ({ move: 'undo', step: id, how: undo })));
  });
});

describe('before the point of no return', () => {
  it('HA25 a failed stop starts the old primary again, also when it was only begun', () => {
    const journal = [...doneUpTo(SWITCHOVER_STEPS, 'stop-primary'), event('stop-primary', 'intent'), event('stop-primary', 'failed')];
    expect(nextMove(SWITCHOVER_STEPS, journal, false)).toEqual({ move: 'undo', step: 'stop-primary', how: 'start the old primary' });
    expect(nextMove(SWITCHOVER_STEPS, journal.slice(0, -1), true)).toMatchObject({ move: 'undo', step: 'stop-primary' });
    expect(nextMove(SWITCHOVER_STEPS, journal.slice(0, -1), false)).toEqual({ move: 'do', step: 'stop-primary' });
  });

  it('HA53 an old primary that does not start again is answered by a failover', () => {
    const journal = [...doneUpTo(SWITCHOVER_STEPS, 'tombstone'), event('tombstone', 'failed'), event('tombstone', 'undone'), event('stop-primary', 'undo-failed')];
    expect(nextMove(SWITCHOVER_STEPS, journal, false)).toEqual({ move: 'escalate' });
    // Its intent alone, or its failure, leaves no other way.
    for (const phase of ['intent', 'failed'] as const) expect(nextMove(SWITCHOVER_STEPS, [...journal, event(ESCALATION, phase)], false)).toEqual({ move: 'escalate' });
    const after = [...journal, event(ESCALATION, 'done')];
    expect(nextMove(SWITCHOVER_STEPS, after, false)).toMatchObject({ move: 'undo', step: 'prepare' });
    expect(nextMove(SWITCHOVER_STEPS, [...after, ...['prepare', 'pause-watcher', 'lock'].map((step) => event(step, 'undone'))], false)).toEqual({ move: 'end', end: 'INCOMPLETE', missing: ['original primary'] });
  });

  it('there is no way forward once anything was taken back, even when the order is withdrawn', () => {
    expect(nextMove(SWITCHOVER_STEPS, [...doneUpTo(SWITCHOVER_STEPS, 'stop-primary'), event('drain', 'undone')], false)).toMatchObject({ move: 'undo', step: 'prepare' });
  });

  it('a fenced failover without a candidate waits for a human, and stays fenced', () => {
    const journal = [...doneUpTo(FAILOVER_STEPS, 'elect'), event('elect', 'failed')];
    expect(nextMove(FAILOVER_STEPS, journal, false)).toEqual({ move: 'wait', step: 'elect' });
    expect(nextMove(FAILOVER_STEPS, journal, true)).toMatchObject({ move: 'undo', step: 'detach-receivers' });
  });

  it('D2 a primary that is well after all ends a failover before anything was touched', () => {
    const journal = [...doneUpTo(FAILOVER_STEPS, 'verify-lost'), event('verify-lost', 'failed')];
    expect(nextMove(FAILOVER_STEPS, journal, false)).toMatchObject({ move: 'undo', step: 'lock' });
  });
});

describe('the point of no return', () => {
  const upTo = doneUpTo(SWITCHOVER_STEPS, POINT_OF_NO_RETURN);

  it('is settled first when nobody knows whether it was passed', () => {
    expect(nextMove(SWITCHOVER_STEPS, [...upTo, event(POINT_OF_NO_RETURN, 'intent')], true)).toEqual({ move: 'do', step: POINT_OF_NO_RETURN });
  });

  it('was not passed when the claim was refused', () => {
    expect(nextMove(SWITCHOVER_STEPS, [...upTo, event(POINT_OF_NO_RETURN, 'failed')], false)).toMatchObject({ move: 'undo', step: 'tombstone' });
  });

  it('lets nothing be aborted after it', () => {
    expect(mayAbort(upTo)).toBe(true);
    expect(mayAbort([...upTo, event(POINT_OF_NO_RETURN, 'intent')])).toBe(false);
    const promoting = [...upTo, event(POINT_OF_NO_RETURN, 'done'), event('promote', 'failed')];
    expect(nextMove(SWITCHOVER_STEPS, promoting, true)).toEqual({ move: 'do', step: 'promote' });
  });

  it('HA54 is followed by INCOMPLETE when only redundancy is missing', () => {
    const journal = SWITCHOVER_STEPS.map(({ id }) => event(id, id === 'start-old-as-standby' ? 'failed' : 'done'));
    expect(nextMove(SWITCHOVER_STEPS, journal, false)).toEqual({ move: 'end', end: 'INCOMPLETE', missing: ['start-old-as-standby'] });
  });
});

describe('a run behind its claim', () => {
  it('ends INCOMPLETE when a later operation has promoted another node', () => {
    const steps = SWITCHOVER_STEPS.slice(0, SWITCHOVER_STEPS.findIndex(({ id }) => id === POINT_OF_NO_RETURN) + 1);
    const journal: RunEvent[] = [...steps.map(({ id }): RunEvent => ({ step: id, phase: 'done' })), { step: 'promote', phase: 'failed' }, { step: ESCALATION, phase: 'done' }];
    expect(nextMove(SWITCHOVER_STEPS, journal, true)).toMatchObject({ move: 'end', end: 'INCOMPLETE', missing: expect.arrayContaining(['promote']) as unknown });
  });
});
