import { globSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { runProgram } from '../../programs/run-program.ts';

/**
 * Unpacks a package of the distribution into a folder, with what it needs that this machine has not. Nothing is installed: that
 * would need root, and a package may start a service, on a port that somebody else wants.
 */
export async function unpackPackage(name: string, folder: string): Promise<void> {
  const debs = join(folder, 'debs');
  await mkdir(debs);
  await runProgram({ program: 'apt-get', args: ['download', ...(await packagesOf(name))], cwd: debs });
  for (const file of globSync(join(debs, '*.deb'))) await runProgram({ program: 'dpkg-deb', args: ['--extract', file, folder] });
  await rm(debs, { recursive: true });
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

/** Libraries lie in folders by machine, and some packages keep theirs in a folder below. */
const LIBRARIES = `LD_LIBRARY_PATH=$(ls -d "$here"/usr/lib/*-linux-gnu* "$here"/usr/lib/*-linux-gnu*/*/ "$here"/lib/*-linux-gnu* 2>/dev/null | tr '\\n' ':')`;

/**
 * Writes `bin/<name>`, which starts a program that was unpacked: its libraries lie where no loader looks. It finds its own place,
 * as it is written under another name than it gets. `before` are lines of shell, in which `$here` is the folder.
 */
export async function writeStarter(folder: string, program: string, before: readonly string[] = []): Promise<void> {
  const lines = ['#!/bin/sh', 'here=$(cd "$(dirname "$0")/.." && pwd)', ...before, `${LIBRARIES} exec "$here/${program}" "$@"`];
  const file = join(folder, 'bin', basename(program));
  await mkdir(join(folder, 'bin'), { recursive: true });
  await writeFile(file, `${lines.join('\n')}\n`);
  await chmod(file, 0o755);
}
