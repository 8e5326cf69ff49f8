import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DEMO = join(import.meta.dirname, '../../../scripts/demo/main.ts');

export interface EndedDemo {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the demo, with `temporary` for its folder; `interruptAfter` is a text of its display at which it is interrupted. */
export function runDemo(temporary: string, words: readonly string[], interruptAfter?: string): Promise<EndedDemo> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [DEMO, ...words], { env: { ...process.env, TMPDIR: temporary } }, (_, stdout, stderr) => resolve({ exitCode: child.exitCode, stdout, stderr }));
    let shown = '';
    child.stderr?.on('data', (text: string) => {
      const before = shown;
      shown += text;
      if (interruptAfter !== undefined && shown.includes(interruptAfter) && !before.includes(interruptAfter)) child.kill('SIGINT');
    });
  });
}

/** A folder for demos, apart from those of others. `await using` removes it. */
export async function demoPlace(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'pgconvoy-e2e-'));
  // As root, servers run as another account, which has to get in.
  await chmod(folder, 0o755);
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
