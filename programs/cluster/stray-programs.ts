import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { send } from './kill-tree.ts';

const PROGRAMS = /\/(pg_basebackup|pg_rewind|pg_verifybackup|pg_waldump)\0/;
const GONE_MS = 10_000;

/** Ends programs of ours that work on a folder and have outlived the agent that started them: only one may write to it. */
export async function endStrayPrograms(folder: string): Promise<void> {
  const deadline = performance.now() + GONE_MS;
  for (let found = strays(folder); found.length > 0 && performance.now() < deadline; found = strays(folder)) {
    for (const pid of found) send(pid, 'SIGKILL');
    await sleep(10);
  }
}

const strays = (folder: string): number[] =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    const words = commandLine(pid);
    return PROGRAMS.test(words) && words.split('\0').some((word) => word === folder || word.endsWith(`=${folder}`));
  });

/** Of a process that is dead and not reaped it is empty. */
function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
