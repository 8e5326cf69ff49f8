import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, expect, it } from 'vitest';

import { workflowBundle } from '../../workers/workflow-bundle.ts';

/** Written by `node scripts/histories/record.ts`. */
const FOLDER = join(import.meta.dirname, '../histories');
const read = (name: string): string => readFileSync(join(FOLDER, `${name}.json`), 'utf8');
const names = globSync('*.json', { cwd: FOLDER }).map((file) => basename(file, '.json')).toSorted();

beforeAll(() => {
  // What is refused on purpose is not to be read as trouble.
  Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined), telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } } });
});

/** The error that each history gives to the workflow code as it is now. */
async function replay(histories: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  const input = Object.entries(histories).map(([workflowId, text]) => ({ workflowId, history: historyFromJSON(JSON.parse(text)) }));
  const errors: Record<string, unknown> = {};
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: await workflowBundle() }, input)) errors[workflowId] = error;
  return errors;
}

it('there is a history of every path', () => {
  const migrations = ['aborted-in-copy', 'completed-offline', 'completed-online', 'reverted-then-switched', 'snapshot-lost'];
  const others = {
    'back-up-database': ['by-hand', 'cancelled', 'completed', 'failed'],
    'back-up-server': ['cancelled', 'completed', 'partly-failed'],
    'expire-backups': ['completed', 'refused'],
    'fail-over-cluster': ['aborted', 'completed'],
    'restore-backup': ['completed', 'refused'],
    'restore-redundancy': ['completed'],
    'switch-over-cluster': ['refused', 'success'],
    'take-backup-inventory': ['completed', 'refused'],
    'verify-backup': ['proven', 'rejected'],
    'watch-cluster': ['failed-over'],
  };
  expect(names).toEqual([...migrations, ...Object.entries(others).flatMap(([workflow, ends]) => ends.map((end) => `${workflow}-${end}`))].toSorted());
  for (const name of names) expect(read(name).length, name).toBeLessThan(300_000);
});

it('the workflow code decides as it did in every history that is kept', async () => {
  expect(await replay(Object.fromEntries(names.map((name) => [name, read(name)])))).toEqual(Object.fromEntries(names.map((name) => [name, undefined])));
});

it('a history that the code would not have written is refused', async () => {
  const { other } = await replay({ other: read('completed-online').replaceAll('"prepareSchema"', '"guessSchema"') });
  expect(other).toBeInstanceOf(Error);
});
