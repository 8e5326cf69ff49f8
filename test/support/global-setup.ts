import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { makeRunFolder, removeDeadRuns, removeRun } from './run-folder.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where this run keeps its servers; see `run-folder.ts`. */
    runFolder: string;
  }
}

/**
 * Makes the folder in which tests start servers, lazily and once per run, and removes all of them at the end. When this run
 * is killed the reaper does; when the whole machine was, the next run.
 */
export default async function globalSetup(project: TestProject): Promise<() => Promise<void>> {
  await removeDeadRuns();
  const folder = await makeRunFolder();
  startReaper(folder);
  project.provide('runFolder', folder);
  return () => removeRun(folder);
}

/** Detached, so that the Ctrl-C that ends us does not end it. */
function startReaper(folder: string): void {
  const program = join(import.meta.dirname, 'reaper.ts');
  spawn(process.execPath, [program, String(process.pid), folder], { detached: true, stdio: 'ignore' }).unref();
}
