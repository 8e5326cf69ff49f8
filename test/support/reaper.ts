/**
 * Tidies up after a test run that could not: `node reaper.ts <process of the run> <its folder>`, started beside it. A run
 * that is interrupted or killed has no teardown, and its servers would go on.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../programs/process-state.ts';
import { removeRun } from './run-folder.ts';

const POLL_MS = 500;
const [owner, folder] = process.argv.slice(2) as [string, string];

while (existsSync(folder)) {
  await sleep(POLL_MS);
  if (!(await isAlive(Number(owner)))) await removeRun(folder);
}
