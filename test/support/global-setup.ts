import type { TestProject } from 'vitest/node';
import { makeRunFolder, removeDeadRuns, removeRun } from './run-folder.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where this run keeps its servers; see `run-folder.ts`. */
    runFolder: string;
  }
}

/**
 * Makes the folder in which tests start servers, lazily and once per run, and removes all of them at the end. What a run
 * that was killed left behind goes first.
 */
export default async function globalSetup(project: TestProject): Promise<() => Promise<void>> {
  await removeDeadRuns();
  const folder = await makeRunFolder();
  project.provide('runFolder', folder);
  return () => removeRun(folder);
}
