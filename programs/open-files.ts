import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * The paths that a process and the ones it started have open, by /proc (proc(5), fd). `undefined` where that cannot be
 * seen: then nothing may be concluded. A process that ends meanwhile has closed its files.
 */
export function openFilesOf(pid: number): ReadonlySet<string> | undefined {
  const own = descriptorsOf(pid);
  if (own === undefined) return undefined;
  return new Set([...own, ...childrenOf(pid).flatMap((child) => descriptorsOf(child) ?? [])]);
}

function descriptorsOf(pid: number): string[] | undefined {
  const folder = `/proc/${pid}/fd`;
  const names = attempt(() => readdirSync(folder));
  return names?.map((name) => attempt(() => readlinkSync(`${folder}/${name}`)) ?? '');
}

function childrenOf(pid: number): number[] {
  const list = attempt(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')) ?? '';
  return list.split(' ').filter(Boolean).map(Number);
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined; // it has ended
  }
}
