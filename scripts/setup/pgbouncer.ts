import { join } from 'node:path';
import { pgbouncerProgram } from '../../config/program-folders.ts';
import { runProgram } from '../../programs/run-program.ts';
import { unpackPackage, writeStarter } from './distribution-package.ts';
import { installFolder } from './install-folder.ts';
import { say } from './say.ts';
import { reasonOf, SetupProblem } from './setup-problem.ts';

const FOLDER = 'pgbouncer';

/**
 * Sees to PgBouncer: the machine's, else the distribution's, unpacked into the tools folder. Error: {@link SetupProblem}.
 */
export async function installPgBouncer(): Promise<void> {
  say(`PgBouncer: ${pgbouncerProgram() ?? (await unpack())}`);
}

async function unpack(): Promise<string> {
  try {
    return await installFolder(FOLDER, async (side) => {
      say('PgBouncer: asking the distribution');
      await unpackPackage('pgbouncer', side);
      await writeStarter(side, 'usr/sbin/pgbouncer');
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
