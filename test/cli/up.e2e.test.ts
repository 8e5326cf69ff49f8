import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { afterAll, expect, inject, it } from 'vitest';

import { freePort } from '../../programs/ports.ts';
import { waitUntil } from '../../programs/wait-until.ts';
import { inventoryFile } from '../config/inventory-file.ts';
import { type ProcessEnded, runCommand } from './run-command.ts';

interface Part {
  readonly part: string;
  readonly state: string;
  readonly pid?: number;
  readonly error?: { code: string; message: string; hint?: string };
}
// Not a temporary folder of its own: the account that Postgres runs as has to get in.
const state = join(inject('runFolder'), 'up-state');
const env: Record<string, string> = {
  PGCONVOY_STATE: state,
  PGCONVOY_INVENTORY: inventoryFile('version: 1'),
  PGCONVOY_TEMPORAL_PORT: String(await freePort()),
  PGCONVOY_TEMPORAL_UI_PORT: String(await freePort()),
  PGCONVOY_CATALOG_PORT: String(await freePort()),
  PGCONVOY_STORE_PORT: String(await freePort()),
};
const run = async (words: string, more: Record<string, string> = {}): Promise<ProcessEnded> => await runCommand(words.split(' '), { env: { ...env, ...more } });
const partsOf = ({ stdout }: ProcessEnded): readonly Part[] => (JSON.parse(stdout) as { parts: Part[] }).parts;
const succeeded = (ended: ProcessEnded): ProcessEnded => {
  expect(ended.code, ended.stdout).toBe(0);
  return ended;
};
const statesOf = (ended: ProcessEnded): Record<string, string> => Object.fromEntries(partsOf(ended).map(({ part, state: shown }) => [part, shown]));
const pidsOf = (ended: ProcessEnded): Record<string, number | undefined> => Object.fromEntries(partsOf(ended).map(({ part, pid }) => [part, pid]));

const ALL_RUN = { temporal: 'running', catalog: 'running', store: 'running', worker: 'running' };

afterAll(async () => {
  await run('down --erase --yes');
});

it('starts the other parts when there is no inventory, and says that the worker needs one', async () => {
  const ended = succeeded(await run('up --json', { PGCONVOY_INVENTORY: '/nowhere.yaml' }));
  expect(statesOf(ended)).toEqual({ temporal: 'started', catalog: 'started', store: 'started', worker: 'not-started' });
  expect(partsOf(ended).at(-1)?.error).toMatchObject({ code: 'inventory_missing', hint: 'Run `pgconvoy init` to write a sample. Then run `pgconvoy up` again.' });
  expect((await run('status', { PGCONVOY_INVENTORY: '/nowhere.yaml' })).code).toBe(9);
});

it('starts what is missing and leaves alone what runs', async () => {
  expect(statesOf(await run('up --json'))).toEqual({ ...ALL_RUN, worker: 'started' });
  const before = await run('status --json');
  expect({ code: before.code, states: statesOf(before) }).toEqual({ code: 0, states: ALL_RUN });
  expect(statesOf(await run('up --json'))).toEqual(ALL_RUN);
  expect(pidsOf(await run('status --json'))).toEqual(pidsOf(before));
  expect((await run('status')).stdout).toContain('No runs are under way.');
});

it('starts anew what was killed, and takes up a start that was cut short', async () => {
  const before = pidsOf(await run('status --json'));
  process.kill(before['temporal']!, 'SIGKILL');
  process.kill(before['worker']!, 'SIGKILL');
  const broken = await run('status --json');
  expect({ code: broken.code, states: statesOf(broken) }).toEqual({ code: 9, states: { ...ALL_RUN, temporal: 'stopped', worker: 'stopped' } });
  await run('up', { PGCONVOY_INVENTORY: '/nowhere.yaml' });
  await runCommand(['up'], {
    env,
    meanwhile: (process) => void waitUntil(async () => await Promise.resolve(existsSync(join(state, 'worker', 'process.json'))), 60_000).then(() => process.kill('SIGKILL')),
  });
  expect(statesOf(await run('up --json'))).toMatchObject({ temporal: 'running', catalog: 'running', store: 'running' });
  expect(statesOf(await run('status --json'))).toEqual(ALL_RUN);
});

it('stops all and keeps the data, and starts again where it was', async () => {
  const down = await run('down --json');
  expect(JSON.parse(down.stdout)).toMatchObject({ stopped: ['worker', 'temporal', 'store', 'catalog'], erased: false });
  expect((await run('down')).stdout).toContain('Nothing was running.');
  const password = await readFile(join(state, 'catalog', 'password'), 'utf8');
  env['PGCONVOY_CATALOG_PORT'] = String(await freePort());
  expect(statesOf(await run('up --json'))).toEqual({ temporal: 'started', catalog: 'started', store: 'started', worker: 'started' });
  expect(await readFile(join(state, 'catalog', 'password'), 'utf8')).toBe(password);
  expect(statesOf(await run('status --json'))).toEqual(ALL_RUN);
});

const isReady = (said: string): boolean => /worker .*:data is ready/.test(said);

it('runs a worker in the foreground until it is told to end, and passes its exit status on', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    let said = '';
    const ended = await runCommand(['worker', '--role', 'data', '--data-slots', '1'], {
      env,
      meanwhile: (process) => process.stderr?.on('data', (chunk: Buffer) => {
        const before = said;
        said += chunk.toString();
        if (isReady(said) && !isReady(before)) process.kill(signal);
      }),
    });
    expect(ended.code, ended.stderr).toBe(0);
  }
  expect(await run('worker --role cook')).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no worker role "cook"') as string });
});

it('uses what is configured elsewhere', async () => {
  const ended = await run('up --json', { TEMPORAL_ADDRESS: `127.0.0.1:${env['PGCONVOY_TEMPORAL_PORT']}`, PGCONVOY_INVENTORY: '/nowhere.yaml' });
  expect(statesOf(ended)).toMatchObject({ temporal: 'elsewhere', catalog: 'running' });
  const status = await run('status --json', { TEMPORAL_ADDRESS: '127.0.0.1:1' });
  expect(status.code).toBe(9);
  expect(partsOf(status)[0]).toMatchObject({ state: 'not-answering', error: { code: 'temporal_unreachable' } });
});

it('erases only when told so, and then all of it', async () => {
  const refused = await run('down --erase');
  expect(refused).toMatchObject({ code: 2, stderr: 'ERROR:  to erase the embedded data has to be confirmed\nHINT:  Give `--yes` when nobody can be asked.\n' });
  expect(statesOf(await run('status --json'))).toEqual(ALL_RUN);
  expect((await run('down --erase --yes')).code).toBe(0);
  expect(existsSync(join(state, 'catalog'))).toBe(false);
  expect(existsSync(join(state, 'temporal'))).toBe(false);
});

it('says which port is taken, removes what a killed creation of the catalog left, and starts when the port is free', async () => {
  const other = createServer().listen(Number(env['PGCONVOY_STORE_PORT']), '127.0.0.1');
  const ended = await run('up --json', { PGCONVOY_INVENTORY: '/nowhere.yaml' });
  other.close();
  expect(ended.code).toBe(9);
  expect(partsOf(ended).find(({ part }) => part === 'store')).toMatchObject({ state: 'failed', error: { code: 'port_in_use' } });
  const beingMade = join(state, 'catalog', 'data.being-made');
  // On a busy machine the creation may be over before it is seen to have begun.
  for (let tries = 0; tries < 5 && !existsSync(beingMade); tries += 1) {
    await run('down --erase --yes');
    await runCommand(['up'], { env, meanwhile: (process) => void waitUntil(async () => await Promise.resolve(existsSync(join(state, 'catalog', 'data', 'base'))), 60_000).then(() => process.kill('SIGKILL')) });
  }
  expect(existsSync(beingMade)).toBe(true);
  expect(statesOf(await run('up --json'))).toMatchObject({ catalog: 'started', worker: 'started' });
});
