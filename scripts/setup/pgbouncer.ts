import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pgbouncerProgram } from '../../config/program-folders.ts';
import { runProgram } from '../../programs/run-program.ts';
import { installFolder } from './install-folder.ts';
import { say } from './say.ts';
import { reasonOf, SetupProblem } from './setup-problem.ts';

const FOLDER = 'pgbouncer';

/**
 * Sees to PgBouncer: the machine's, else the distribution's, unpacked into the tools folder. Not installed: that would need
 * root, and the package starts a service, on the port that somebody else's PgBouncer wants. Error: {@link SetupProblem}.
 */
export async function installPgBouncer(): Promise<void> {
  say(`PgBouncer: ${pgbouncerProgram() ?? (await unpack())}`);
}

async function unpack(): Promise<string> {
  try {
    return await installFolder(FOLDER, async (side) => {
      say('PgBouncer: asking the distribution');
      const packages = await packagesOf('pgbouncer');
      await runProgram({ program: 'apt-get', args: ['download', ...packages], cwd: side });
      for (const file of globSync(join(side, '*.deb'))) await runProgram({ program: 'dpkg-deb', args: ['--extract', file, side] });
      await writeStarter(side);
      await runProgram({ program: join(side, 'bin', 'pgbouncer'), args: ['--version'] });
    });
  } catch (error) {
    throw new SetupProblem(
      `PgBouncer could not be installed: ${reasonOf(error)}`,
      'tests, and `npm run demo -- --pgbouncer`, move an application behind a pooler; all else works without',
      'apt-get install pgbouncer',
      error,
    );
  }
}

/** The package, and what it needs that this machine has not. Says so without root, and without changing anything. */
async function packagesOf(name: string): Promise<string[]> {
  const simulate = () => runProgram({ program: 'apt-get', args: ['install', '--simulate', '--no-install-recommends', name] });
  const { stdout } = await simulate().catch(async (error: unknown) => {
    // A fresh image has no lists of packages.
    if (process.getuid?.() !== 0) throw error;
    await runProgram({ program: 'apt-get', args: ['update'] });
    return await simulate();
  });
  return stdout.split('\n').flatMap((line) => /^Inst (\S+)/.exec(line)?.[1] ?? []);
}

/** The libraries lie where no loader looks. It finds its own place, as it is written under another name than it gets. */
async function writeStarter(folder: string): Promise<void> {
  const lines = ['#!/bin/sh', 'here=$(cd "$(dirname "$0")/.." && pwd)', 'LD_LIBRARY_PATH=$(echo "$here"/usr/lib/*-linux-gnu*) exec "$here/usr/sbin/pgbouncer" "$@"'];
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin', 'pgbouncer'), `${lines.join('\n')}\n`);
  await chmod(join(folder, 'bin', 'pgbouncer'), 0o755);
}
