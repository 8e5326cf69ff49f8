import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Parcel } from '../../../domain/copy/plan.ts';
import { copyTasks, type LargeTable, nextTask, rankTasks, type Task, type TaskState } from '../../../domain/copy/tasks.ts';

/** A graph without circles: each task may only need some of those before it. */
const graph = fc.array(fc.record({ cost: fc.integer({ min: 0, max: 1000 }), needs: fc.array(fc.nat(30), { maxLength: 3 }) }), { minLength: 1, maxLength: 30 }).map((rows) =>
  rows.map(({ cost, needs }, index): Task => ({
    id: `t${index}`,
    label: '',
    order: { kind: 'finish', table: index },
    bytes: 0,
    cost,
    after: [...new Set(needs.filter((need) => need < index).map((need) => `t${need}`))],
  })),
);

describe('copy tasks', () => {
  it('rank each task above everything that waits for it', () => {
    fc.assert(
      fc.property(graph, (tasks) => {
        const ranks = rankTasks(tasks);
        for (const task of tasks) for (const before of task.after) expect(ranks.get(before)).toBeGreaterThan(ranks.get(task.id) as number);
      }),
    );
  });

  it('are all done in the end, none before what it needs, on any number of lanes', () => {
    fc.assert(
      fc.property(graph, fc.integer({ min: 1, max: 5 }), (tasks, lanes) => {
        const states = new Map<string, TaskState>();
        const ranks = rankTasks(tasks);
        const stateOf = (id: string): TaskState => states.get(id) ?? 'waiting';
        const running: Task[] = [];
        for (let done = 0; done < tasks.length; done += 1) {
          for (let task = nextTask(tasks, ranks, stateOf); task !== undefined && running.length < lanes; task = nextTask(tasks, ranks, stateOf)) {
            for (const before of task.after) expect(stateOf(before)).toBe('done');
            states.set(task.id, 'running');
            running.push(task);
          }
          const ended = running.shift();
          expect(ended).toBeDefined();
          states.set(ended?.id ?? '', 'done');
        }
        expect(nextTask(tasks, ranks, stateOf)).toBeUndefined();
      }),
    );
  });

  it('take the highest rank that is ready, and nothing that waits for a failed task', () => {
    const task = (id: string, cost: number, after: string[] = []): Task => ({ id, label: '', order: { kind: 'finish', table: 1 }, bytes: 0, cost, after });
    const tasks = [task('small', 1), task('long', 5), task('tail', 100, ['small']), task('lost', 1000, ['broken']), task('broken', 1)];
    const ranks = rankTasks(tasks);
    const states: Record<string, TaskState> = { broken: 'failed' };
    const next = (): string | undefined => nextTask(tasks, ranks, (id) => states[id] ?? 'waiting')?.id;
    expect(next()).toBe('small');
    states['small'] = 'running';
    expect(next()).toBe('long');
    states['long'] = 'done';
    expect(next()).toBeUndefined();
    states['small'] = 'done';
    expect(next()).toBe('tail');
  });
});

describe('the tasks of a large table', () => {
  const parcels: Parcel[] = [
    { parcel: 1, tables: 1, bytes: 100, cost: 100, label: 'big 1/2', large: 7 },
    { parcel: 2, tables: 1, bytes: 100, cost: 100, label: 'big 2/2', large: 7 },
    { parcel: 3, tables: 9, bytes: 10, cost: 900, label: 'small and 8 more' },
  ];
  const big: LargeTable = { table: 7, label: 'big', bytes: 200, indexes: [{ name: 'a', cost: 50 }, { name: 'b', cost: 20 }] };
  const after = (tasks: readonly Task[], id: string): readonly string[] | undefined => tasks.find((task) => task.id === id)?.after;

  it('are its parts, then its indexes, then its end; it is verified as soon as its rows are there', () => {
    const tasks = copyTasks({ parcels, large: [big], verify: true });
    expect(tasks.map(({ id }) => id)).toEqual(['parcel-1', 'parcel-2', 'parcel-3', 'index-7-a', 'index-7-b', 'finish-7', 'verify-7']);
    expect(after(tasks, 'index-7-a')).toEqual(['parcel-1', 'parcel-2']);
    expect(after(tasks, 'finish-7')).toEqual(['parcel-1', 'parcel-2', 'index-7-a', 'index-7-b']);
    expect(after(tasks, 'verify-7')).toEqual(['parcel-1', 'parcel-2']);
    expect(tasks.filter(({ order }) => order.kind === 'parcel').map(({ order }) => (order.kind === 'parcel' ? order.whole : undefined))).toEqual([false, false, true]);
  });

  it('are only indexes and end when its rows were copied under an older snapshot, which nobody can compare with', () => {
    const tasks = copyTasks({ parcels: [], large: [big], verify: true });
    expect(tasks.map(({ id }) => id)).toEqual(['index-7-a', 'index-7-b', 'finish-7']);
    expect(after(tasks, 'index-7-a')).toEqual([]);
  });
});
