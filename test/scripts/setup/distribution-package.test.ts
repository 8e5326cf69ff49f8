import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { runProgram } from '../../../programs/run-program.ts';
import { unpackPackage, writeStarter } from '../../../scripts/setup/distribution-package.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-'));
  await mkdir(join(folder, 'bin'));
  vi.stubEnv('PATH', `${join(folder, 'bin')}:${process.env['PATH']}`);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function program(path: string, ...lines: readonly string[]): Promise<void> {
  await writeFile(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(path, 0o755);
}

it('a package is unpacked with what it needs, and starts with those libraries wherever its folder is moved to', async () => {
  const tool = 'mkdir -p "$3/usr/bin" "$3/usr/lib/x86_64-linux-gnu/own"; printf \'#!/bin/sh\\necho "$LD_LIBRARY_PATH $FONTS $1"\\n\' > "$3/usr/bin/tool"; chmod 755 "$3/usr/bin/tool"';
  await program(join(folder, 'bin', 'apt-get'), 'if [ "$1" = install ]; then printf "Inst tool (1.0)\\nInst libtool (1.0)\\nConf tool (1.0)\\n"; else shift; for one in "$@"; do : > "$one.deb"; done; fi');
  await program(join(folder, 'bin', 'dpkg-deb'), `echo "$(basename "$2")" >> "$3/seen"; ${tool}`);
  const side = join(folder, 'side');
  await mkdir(side);

  await unpackPackage('tool', side);
  await writeStarter(side, 'usr/bin/tool', ['FONTS="$here/fonts"; export FONTS']);
  await rename(side, join(folder, 'final'));

  expect(await readdir(join(folder, 'final'))).toEqual(['bin', 'seen', 'usr']);
  const { stdout } = await runProgram({ program: join(folder, 'final', 'bin', 'tool'), args: ['argument'] });
  const [libraries, fonts, argument] = stdout.trim().split(' ');
  expect(libraries?.split(':').map((path) => path.replace(/\/$/, ''))).toEqual(expect.arrayContaining(['usr/lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu/own'].map((path) => join(folder, 'final', path))));
  expect([fonts, argument]).toEqual([join(folder, 'final', 'fonts'), 'argument']);
  expect((await runProgram({ program: 'cat', args: [join(folder, 'final', 'seen')] })).stdout.split('\n').filter(Boolean).toSorted()).toEqual(['libtool.deb', 'tool.deb']);
});
