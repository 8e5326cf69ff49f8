import { vi } from 'vitest';

import { run } from '../../cli/run.ts';
import { written } from './written.ts';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command within this process, with no settings but the given ones. */
export async function callCommand(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  for (const name of Object.keys(process.env).filter((variable) => variable.startsWith('PGCONVOY_'))) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries({ PGCONVOY_STATE: '/nonexistent', NO_COLOR: '1', ...env })) vi.stubEnv(name, value);
  const [stdout, stderr] = [written(process.stdout), written(process.stderr)];
  try {
    return { code: await run(words), stdout: stdout(), stderr: stderr() };
  } finally {
    process.exitCode = undefined; // else a command that failed as it should would fail the tests
    vi.unstubAllEnvs();
  }
}
