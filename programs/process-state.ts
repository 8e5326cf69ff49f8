import { readFile } from 'node:fs/promises';

/**
 * When the kernel started a process: boot and clock tick, from /proc (proc(5), field 22 of stat). `undefined` when it has
 * ended, also while its parent has not yet noticed. Numbers of processes are used again; number and moment together are not.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold blanks, so fields are counted behind it.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z') return undefined;
    return `${(await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()}:${fields[18]}`;
  } catch {
    return undefined;
  }
}

/** Whether a process runs. */
export const isAlive = async (pid: number): Promise<boolean> => (await startOf(pid)) !== undefined;

/** The processes a process has started and that still run. */
export async function childrenOf(pid: number): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return list.split(' ').filter(Boolean).map(Number);
}
