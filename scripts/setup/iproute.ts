import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

import { ipProgram } from '../../config/program-folders.ts';
import { runProgram } from '../../programs/run-program.ts';
import { unpackPackage, writeStarter } from './distribution-package.ts';
import { installFolder } from './install-folder.ts';
import { say } from './say.ts';
import { reasonOf, SetupProblem } from './setup-problem.ts';

/** Sees to `ip`, by which tests cut a node of a cluster off: the machine's, else the distribution's, unpacked. Error: {@link SetupProblem}. */
export async function installIproute(): Promise<void> {
  say(`iproute2: ${ipProgram() ?? (await unpackIproute())}`);
}

export async function unpackIproute(): Promise<string> {
  try {
    return await installFolder('iproute2', async (side) => {
      say('iproute2: asking the distribution');
      await unpackPackage('iproute2', side);
      // The starter gets the place where the package has the program.
      const program = ['bin/ip', 'usr/bin/ip', 'usr/sbin/ip'].map((path) => join(side, path)).find((path) => existsSync(path));
      await mkdir(join(side, 'libexec'));
      await rename(program ?? join(side, 'ip'), join(side, 'libexec', 'ip'));
      await writeStarter(side, 'libexec/ip');
      await runProgram({ program: join(side, 'bin', 'ip'), args: ['-V'] });
    });
  } catch (error) {
    throw new SetupProblem(`iproute2 could not be installed: ${reasonOf(error)}`, 'tests and benches cut nodes of a cluster off by network namespaces', 'apt-get install iproute2', error);
  }
}
