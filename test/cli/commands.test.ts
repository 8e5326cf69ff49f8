import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { inventoryFile, testFolder } from '../config/inventory-file.ts';
import { callCommand } from './call-command.ts';
import { runCommand } from './run-command.ts';

it('writes a sample that names the schema for editors, and never overwrites a file', async () => {
  const folder = testFolder();
  const path = join(folder, 'pgconvoy.yaml');
  expect(await callCommand(['init', path])).toMatchObject({ code: 0, stderr: '' });
  const [, schema] = /^# yaml-language-server: \$schema=(.*)/.exec(readFileSync(path, 'utf8')) ?? [];
  expect(JSON.parse(readFileSync(join(folder, schema!), 'utf8'))).toMatchObject({ title: 'The inventory of pgconvoy' });
  writeFileSync(path, 'mine');
  expect(await callCommand(['init', path])).toEqual({
    code: 2,
    stdout: '',
    stderr: `ERROR:  file ${path} exists already\nHINT:  Name another file: \`pgconvoy init other.yaml\`.\n`,
  });
  expect(readFileSync(path, 'utf8')).toBe('mine');
});

it('checks the inventory that the flag, else the environment, names', async () => {
  const good = inventoryFile('version: 1');
  const bad = inventoryFile('version: 1\nfoo: 1');
  expect(await callCommand(['config', 'check', '--inventory', good], { PGCONVOY_INVENTORY: bad })).toEqual({ code: 0, stdout: `${good} is valid.\n`, stderr: '' });
  expect(await callCommand(['config', 'check'], { PGCONVOY_INVENTORY: bad })).toEqual({
    code: 3,
    stdout: `error  ${bad}:2:1: foo is not a known field\n${bad} has 1 error.\n`,
    stderr: '',
  });
  const json = await callCommand(['--json', 'config', 'check', '--inventory', bad]);
  expect(JSON.parse(json.stdout)).toEqual({ path: bad, ok: false, findings: [{ severity: 'error', path: 'foo', line: 2, column: 1, message: 'is not a known field' }] });
});

it('says which inventory it looked for', async () => {
  expect(await callCommand(['config', 'check', '--inventory', '/nowhere.yaml'])).toEqual({
    code: 3,
    stdout: '',
    stderr: `ERROR:  inventory file /nowhere.yaml does not exist\nHINT:  Run \`pgconvoy init\` to write a sample.\n`,
  });
});

it('shows secrets as references, and the settings', async () => {
  const path = inventoryFile('version: 1\nservers:\n  old: { host: a, user: u, password: env:PLANTED }');
  const env = { PLANTED: 'hunter2', PGCONVOY_CATALOG: 'postgres://u:hunter2@h/d' };
  for (const words of [['config', 'show'], ['config', 'show', '--json']]) {
    const { code, stdout } = await callCommand([...words, '--inventory', path], env);
    expect(code).toBe(0);
    expect(stdout).toContain('env:PLANTED');
    expect(stdout).not.toContain('hunter2');
  }
});

it.each([
  [['nope'], `ERROR:  unknown command 'nope'\nHINT:  Run \`pgconvoy --help\`.\n`],
  [['config', 'chek'], `ERROR:  unknown command 'chek'\nHINT:  Did you mean check?\n`],
  [['audit', 'log', '--limit', 'x'], `ERROR:  option '--limit <n>' argument 'x' is invalid. It must be a whole number above 0.\nHINT:  Run \`pgconvoy audit log --help\`.\n`],
  [['audit', 'log'], 'ERROR:  there is no catalog yet\nDETAIL:  PGCONVOY_CATALOG is not set and `pgconvoy up` has not started one.\nHINT:  Run `pgconvoy status`; `pgconvoy up` starts the embedded one.\n'],
])('explains why it cannot do %j', async (words, stderr) => {
  expect((await callCommand(words)).stderr).toBe(stderr);
});

it('prints the help, and no error, when the command is left out', async () => {
  const { code, stderr } = await callCommand(['config']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^Usage: pgconvoy config /);
});

it('ends with 130 when it is interrupted', async () => {
  // Takes the connection and never answers.
  await using server = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { code, stderr } = await runCommand(['audit', 'log'], {
    env: { PGCONVOY_CATALOG: `postgres://u@127.0.0.1:${port}/d` },
    meanwhile: (child) => server.once('connection', () => child.kill('SIGINT')),
  });
  expect({ code, stderr }).toEqual({ code: 130, stderr: 'ERROR:  interrupted\n' });
});
