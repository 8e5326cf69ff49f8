import { globSync, readFileSync, writeFileSync } from 'node:fs';

/** Clock ticks in a second: what Linux shows user space, on every architecture Node runs on. */
const TICKS = 100;

/** The fields of /proc/<pid>/stat after the command's name, which may hold spaces. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined; // it has ended
  }
}

/** Processor seconds of a process, of the children it has waited for, and of those that live. */
export function treeSeconds(pid: number): number {
  const parents = new Map<number, number[]>();
  for (const path of globSync('/proc/[0-9]*')) {
    const child = Number(path.slice('/proc/'.length));
    const parent = Number(statOf(child)?.[1] ?? 0);
    parents.set(parent, [...(parents.get(parent) ?? []), child]);
  }
  const sum = (one: number): number => {
    const [user = 0, system = 0, childUser = 0, childSystem = 0] = (statOf(one)?.slice(11, 15) ?? []).map(Number);
    return (user + system + childUser + childSystem) / TICKS + (parents.get(one) ?? []).reduce((total, child) => total + sum(child), 0);
  };
  return sum(pid);
}

/** Processor seconds of a process without its children. */
export function ownSeconds(pid: number): number {
  const [user = 0, system = 0] = (statOf(pid)?.slice(11, 13) ?? []).map(Number);
  return (user + system) / TICKS;
}

/** Processor seconds of all children that this process has waited for. */
export function waitedChildrenSeconds(): number {
  const [user = 0, system = 0] = (statOf(process.pid)?.slice(13, 15) ?? []).map(Number);
  return (user + system) / TICKS;
}

/** Forgets the highest memory of a process, so that the next reading is of what comes now. */
export const resetPeakMemory = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

/** The highest resident memory of a process in bytes. */
export function peakMemory(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}
