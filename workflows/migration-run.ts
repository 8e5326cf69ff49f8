import { CancellationScope, condition, setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';

import type { Task, TaskState } from '../domain/copy/tasks.ts';
import type { ErrorReport } from '../domain/errors.ts';
import type { Phase } from '../domain/migration/gates.ts';
import type { Standing } from '../domain/migration/orders.ts';
import { type CopyProgress, type CutoverProgress, type MigrationProgress, type MigrationState, newPhases, type PhaseProgress, progressMarkdown } from '../domain/migration/progress.ts';
import { reportOfFailure } from './failure.ts';
import { cutoverStepSignal, lagSignal, type Order, PHASE_ATTRIBUTE, progressQuery, snapshotHeldSignal, STATE_ATTRIBUTE } from './messages.ts';
import { handleOrders } from './migration-orders.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Orders that have come; each is taken once. */
interface Orders {
  approved?: Order;
  committed?: Order;
  aborted?: Order;
  paused: boolean;
  resumed: boolean;
}

/**
 * A migration as its operator sees it: the phases, the orders that were given, what it waits for. The workflow tells it what
 * happens; it answers queries, takes orders, and keeps the UI's details current.
 */
export class MigrationRun {
  readonly runId: string;
  readonly migration: string;
  /** The way forward; an abort cancels it. */
  readonly forward = new CancellationScope();
  readonly orders: Orders = { paused: false, resumed: false };
  heldGeneration = 0;
  #state: MigrationState = 'running';
  readonly #phases: Mutable<PhaseProgress>[] = newPhases();
  #phase: Phase = 'preflight';
  #copy: Mutable<CopyProgress> | undefined;
  #lag: MigrationProgress['lag'];
  #cutover: Mutable<CutoverProgress> | undefined;
  #problem: ErrorReport | undefined;
  #next: string | undefined;

  constructor(runId: string, migration: string) {
    this.runId = runId;
    this.migration = migration;
    handleOrders(this);
    setHandler(progressQuery, () => this.progress(), { description: 'Where the migration stands, as one JSON object.' });
    setHandler(snapshotHeldSignal, ({ generation }) => void (this.heldGeneration = generation), { description: 'Internal: the snapshot of a generation is exported.' });
    setHandler(lagSignal, (lag) => this.#change(() => (this.#lag = { ...lag, bytesMax: Math.max(lag.bytesMax, this.#lag?.bytesMax ?? 0) })), { description: 'Internal: how far the target is behind.' });
    setHandler(cutoverStepSignal, (report) => this.#change(() => this.#noteCutoverStep(report)), { description: 'Internal: a step of the cutover window was taken.' });
  }

  get standing(): Standing {
    return { state: this.#state, phase: this.#phase, pauseOrdered: this.orders.paused, switched: this.#cutover?.windowMs !== undefined };
  }

  /** Milliseconds that each phase took, for the report. */
  phases(): readonly PhaseProgress[] {
    return this.#phases;
  }

  progress(): MigrationProgress {
    return {
      runId: this.runId,
      migration: this.migration,
      state: this.#state,
      phases: this.#phases,
      ...(this.#copy === undefined ? {} : { copy: this.#copy }),
      ...(this.#lag === undefined ? {} : { lag: this.#lag }),
      ...(this.#cutover === undefined ? {} : { cutover: this.#cutover }),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
      ...this.#nextStep(),
    };
  }

  /** A pause shows in the state only when what is at work has ended. */
  #nextStep(): Pick<MigrationProgress, 'next'> {
    const pausing = this.orders.paused && (this.#state === 'running' || this.#state === 'waiting-for-approval') ? `A pause is ordered: no other phase begins before \`pgconvoy migrate resume ${this.migration}\`.` : undefined;
    const next = [this.#next, pausing].filter((sentence) => sentence !== undefined).join(' ');
    return next === '' ? {} : { next };
  }

  /** Runs one phase: marked as running, then as done with what it says of itself; waits first while the run is paused. */
  async during<T>(phase: Phase, work: () => Promise<T>, detail: (result: T) => string = () => ''): Promise<T> {
    await this.whilePaused();
    const row = this.#row(phase);
    this.#change(() => {
      this.#phase = phase;
      row.state = 'running';
      row.startedAt ??= Date.now();
    });
    upsertSearchAttributes([{ key: PHASE_ATTRIBUTE, value: phase }]);
    try {
      const result = await work();
      this.#change(() => Object.assign(row, { state: 'done', endedAt: Date.now(), detail: detail(result) }));
      return result;
    } catch (error) {
      this.#change(() => Object.assign(row, { state: 'failed', endedAt: Date.now() }));
      throw error;
    }
  }

  skip(phase: Phase, detail: string): void {
    this.#change(() => Object.assign(this.#row(phase), { state: 'skipped', detail }));
  }

  /** Returns at once unless an operator has paused the run; then when it is resumed. */
  async whilePaused(): Promise<void> {
    if (this.orders.paused) await this.waitFor('paused', `Paused. \`pgconvoy migrate resume ${this.migration}\` goes on.`, () => !this.orders.paused);
  }

  /** Waits for an operator; `next` says for what. A wait inside another one (parked while approval is awaited) gives way to it again. */
  async waitFor(state: MigrationState, next: string, until: () => boolean): Promise<void> {
    const before = { state: this.#state, next: this.#next };
    this.become(state, next);
    await condition(until);
    this.become(before.state, before.next);
  }

  /**
   * Does `work` until it succeeds: after every failure the run is parked with its reason, and an operator looks, mends and
   * resumes. For steps whose retries are used up, so that a fault at night does not undo a day's copy.
   */
  async untilMended<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (CancellationScope.current().consideredCancelled) throw error;
        await this.park(reportOfFailure(error));
      }
    }
  }

  /** Stops with a problem until an operator resumes. */
  async park(problem: ErrorReport): Promise<void> {
    this.orders.resumed = false;
    this.#problem = problem;
    await this.waitFor('parked', `Mend it, then \`pgconvoy migrate resume ${this.migration}\`; or \`pgconvoy migrate abort ${this.migration}\`.`, () => this.orders.resumed);
    this.#problem = undefined;
  }

  become(state: MigrationState, next?: string): void {
    this.#change(() => {
      this.#state = state;
      this.#next = next;
    });
    upsertSearchAttributes([{ key: STATE_ATTRIBUTE, value: state }]);
  }

  fail(problem: ErrorReport): void {
    this.#change(() => (this.#problem = problem));
  }

  beginCopy(copy: Pick<CopyProgress, 'tables' | 'bytesTotal' | 'bytesDone' | 'tasksTotal' | 'generation'>): void {
    this.#change(() => (this.#copy = { rows: this.#copy?.rows ?? 0, tasksDone: 0, running: [], ...copy }));
  }

  noteTask({ task, state }: { task: Task; state: TaskState }): void {
    this.#change(() => {
      if (this.#copy === undefined) return;
      this.#copy.running = state === 'running' ? [...this.#copy.running, task.label] : this.#copy.running.filter((label) => label !== task.label);
      if (state !== 'done') return;
      this.#copy.tasksDone += 1;
      this.#copy.bytesDone += task.bytes;
    });
  }

  noteRows(rows: number): void {
    if (this.#copy !== undefined) this.#copy.rows += rows;
  }

  noteLag(lag: NonNullable<MigrationProgress['lag']>): void {
    this.#change(() => (this.#lag = { ...lag, bytesMax: Math.max(lag.bytesMax, this.#lag?.bytesMax ?? 0) }));
  }

  noteCutover(attempt: number, windowMs: number | null): void {
    this.#change(() => {
      this.#cutover = { steps: [], ...this.#cutover, attempt, ...(windowMs === null ? {} : { windowMs }) };
    });
  }

  #noteCutoverStep(report: { attempt: number; step: string; ms: number }): void {
    const steps = this.#cutover?.attempt === report.attempt ? this.#cutover.steps : [];
    this.#cutover = { ...this.#cutover, attempt: report.attempt, steps: [...steps, { step: report.step, ms: report.ms }] };
  }

  #row(phase: Phase): Mutable<PhaseProgress> {
    return this.#phases.find((row) => row.phase === phase) as Mutable<PhaseProgress>;
  }

  #change(change: () => unknown): void {
    change();
    setCurrentDetails(progressMarkdown(this.progress()));
  }
}
