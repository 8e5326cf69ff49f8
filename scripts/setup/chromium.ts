import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { toolsDir } from '../../config/paths.ts';
import { programOnPath } from '../../config/program-folders.ts';
import { runProgram } from '../../programs/run-program.ts';
import { unpackPackage, writeStarter } from './distribution-package.ts';
import { installFolder } from './install-folder.ts';
import { say } from './say.ts';
import { reasonOf, SetupProblem } from './setup-problem.ts';

const FOLDER = 'chromium';

/** What the browser is called on different systems. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'] as const;

/** The browser on PATH, else the one that set-up unpacked, else the one that Playwright downloaded; `undefined` when there is none. */
export function chromiumProgram(): string | undefined {
  const unpacked = join(toolsDir(), FOLDER, 'bin', 'chromium');
  return NAMES.map(programOnPath).find((path) => path !== undefined) ?? [unpacked, chromium.executablePath()].find((path) => existsSync(path));
}

/** Sees to a browser for the tests of Temporal's page: the machine's, the distribution's, Playwright's. Error: {@link SetupProblem}. */
export async function installChromium(): Promise<void> {
  say(`Chromium: ${chromiumProgram() ?? (await get())}`);
}

async function get(): Promise<string> {
  const failures: string[] = [];
  for (const way of [unpack, download]) {
    try {
      return await way();
    } catch (error) {
      failures.push(reasonOf(error));
    }
  }
  throw new SetupProblem(`Chromium could not be installed: ${failures.join('\n')}`, "a test gives orders from Temporal's web page, as people do; all else works without", 'apt-get install chromium');
}

/** Fonts that were unpacked too are described as if the folder were the root of the system. */
const FONTS = '[ -d "$here/etc/fonts" ] && export FONTCONFIG_SYSROOT="$here"';

async function unpack(): Promise<string> {
  const folder = await installFolder(FOLDER, async (side) => {
    say('Chromium: asking the distribution');
    await unpackPackage('chromium', side);
    await writeStarter(side, 'usr/lib/chromium/chromium', [FONTS]);
    await assertDraws(join(side, 'bin', 'chromium'));
  });
  return join(folder, 'bin', 'chromium');
}

async function download(): Promise<string> {
  say("Chromium: asking Playwright's server");
  const program = join(import.meta.dirname, '../../node_modules/playwright-core/cli.js');
  await runProgram({ program: process.execPath, args: [program, 'install', '--no-shell', 'chromium'] });
  await assertDraws(chromium.executablePath());
  return chromium.executablePath();
}

/** It loads libraries as it goes, so that it starts proves nothing yet. */
async function assertDraws(program: string): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), 'pgconvoy-'));
  try {
    const { stdout } = await runProgram({ program, args: ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`, '--dump-dom', 'data:text/html,<p>drawn</p>'] });
    if (!stdout.includes('<p>drawn</p>')) throw new Error(`${program} does not draw a page`);
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}
