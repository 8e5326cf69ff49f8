import type { Parcel } from './plan.ts';

/** A table whose indexes are work of their own. */
export interface LargeTable {
  readonly table: number;
  readonly label: string;
  readonly bytes: number;
  readonly indexes: readonly { readonly name: string; readonly cost: number }[];
}

export type TaskOrder =
  | { readonly kind: 'parcel'; readonly parcel: number; readonly whole: boolean }
  | { readonly kind: 'index'; readonly table: number; readonly index: string }
  | { readonly kind: 'finish'; readonly table: number }
  | { readonly kind: 'verify'; readonly table: number }
  | { readonly kind: 'keys'; readonly from: number; readonly to: number };

export interface Task {
  readonly id: string;
  readonly label: string;
  readonly order: TaskOrder;
  /** Bytes that count as copied when it is done. */
  readonly bytes: number;
  /** Relative cost, in bytes copied. */
  readonly cost: number;
  readonly after: readonly string[];
}

const VERIFY_COST = 0.3;

/** The work of a copy: parcels, then for each large table its indexes at once, its constraints, and its verification. */
export function copyTasks(work: { parcels: readonly Parcel[]; large: readonly LargeTable[]; verify: boolean }): Task[] {
  const tasks: Task[] = work.parcels.map((parcel) => ({
    id: `parcel-${parcel.parcel}`,
    label: `copy ${parcel.label}`,
    order: { kind: 'parcel', parcel: parcel.parcel, whole: parcel.large === undefined },
    bytes: parcel.bytes,
    cost: parcel.cost,
    after: [],
  }));
  for (const { table, label, bytes, indexes } of work.large) {
    const parts = work.parcels.filter((parcel) => parcel.large === table).map((parcel) => `parcel-${parcel.parcel}`);
    const builds = indexes.map((index): Task => ({
      id: `index-${table}-${index.name}`,
      label: `index ${index.name} of ${label}`,
      order: { kind: 'index', table, index: index.name },
      bytes: 0,
      cost: index.cost,
      after: parts,
    }));
    tasks.push(...builds);
    tasks.push({ id: `finish-${table}`, label: `finish ${label}`, order: { kind: 'finish', table }, bytes: 0, cost: bytes / 50, after: [...parts, ...builds.map((task) => task.id)] });
    // A table without a part in this round was copied under another snapshot, which is gone.
    if (work.verify && parts.length > 0) tasks.push({ id: `verify-${table}`, label: `verify ${label}`, order: { kind: 'verify', table }, bytes: 0, cost: bytes * VERIFY_COST, after: parts });
  }
  return tasks;
}

/**
 * Ranks tasks by the cost of the longest chain that begins with each (list scheduling by upward rank): whoever takes the
 * highest rank that is ready keeps every lane busy to the end. Cost 0 is counted as 1 so that ties keep their order.
 */
export function rankTasks(tasks: readonly Task[]): ReadonlyMap<string, number> {
  const followers = new Map<string, Task[]>();
  for (const task of tasks) for (const before of task.after) followers.set(before, [...(followers.get(before) ?? []), task]);
  const ranks = new Map<string, number>();
  const rank = (task: Task): number => {
    const known = ranks.get(task.id);
    if (known !== undefined) return known;
    const tail = Math.max(0, ...(followers.get(task.id) ?? []).map(rank));
    const value = Math.max(1, task.cost) + tail;
    ranks.set(task.id, value);
    return value;
  };
  for (const task of tasks) rank(task);
  return ranks;
}

export type TaskState = 'waiting' | 'running' | 'done' | 'failed';

/** The next task to start: of those whose predecessors are done, the highest in rank. */
export function nextTask(tasks: readonly Task[], ranks: ReadonlyMap<string, number>, stateOf: (id: string) => TaskState): Task | undefined {
  let best: Task | undefined;
  for (const task of tasks) {
    if (stateOf(task.id) !== 'waiting' || !task.after.every((id) => stateOf(id) === 'done')) continue;
    if (best === undefined || (ranks.get(task.id) ?? 0) > (ranks.get(best.id) ?? 0)) best = task;
  }
  return best;
}
