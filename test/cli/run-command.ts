import { spawn, type ChildProcess } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';

export interface ProcessEnded {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Gets the process while it runs. */
  readonly meanwhile?: (process: ChildProcess) => void;
}

/** Runs `pgconvoy` as a process of its own, with no settings but the given ones. */
export async function runCommand(words: readonly string[], options: CommandOptions = {}): Promise<ProcessEnded> {
  const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');
  const env = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], PGCONVOY_STATE: '/nonexistent', NO_COLOR: '1', ...options.env };
  const child = spawn(process.execPath, [main, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  options.meanwhile?.(child);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}
