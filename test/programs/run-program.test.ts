import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../programs/run-program.ts';

const script = (text: string) => ({ program: 'sh', args: ['-c', text] });

describe('running a program', () => {
  it('returns what it printed, and takes agreed exit codes as answers', async () => {
    expect(await runProgram({ ...script('cat; exit 3'), input: 'hello', answers: [3] })).toEqual({ exitCode: 3, stdout: 'hello' });
  });

  it('fails with the last lines of stderr and never with the arguments', async () => {
    const failure = runProgram(script('echo first >&2; seq 100 >&2; exit 7 # planted-secret'));
    await expect(failure).rejects.toMatchObject({ code: 'program_failed', context: { exitCode: 7 } });
    const error = (await failure.catch((reason: unknown) => reason)) as Error & { detail: string };
    expect(error.detail).toMatch(/^81\n/);
    expect(`${inspect(error)} ${error.stack}`).not.toContain('planted-secret');
  });

  it('says that a program is missing', async () => {
    await expect(runProgram({ program: '/nowhere/pg_dump' })).rejects.toMatchObject({
      code: 'program_missing',
      message: expect.stringContaining('/nowhere/pg_dump') as string,
    });
  });

  it('ends the program when it is cancelled', async () => {
    const signal = AbortSignal.timeout(50);
    await expect(runProgram({ ...script('exec sleep 60'), signal })).rejects.toMatchObject({ code: 'interrupted' });
  });
});
