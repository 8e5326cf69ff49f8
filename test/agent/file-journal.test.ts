import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { openJournal } from '../../agent/file-journal.ts';
import { epochOf } from '../../domain/cluster/epoch.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pgconvoy-journal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('begins with nothing, keeps what it is told, and knows it when it is opened again', async () => {
  const journal = await openJournal(folder);
  expect(journal.facts()).toEqual({ epoch: null, destructiveStep: null, rewriteEnded: false, selfFencedAt: null, window: null });
  await Promise.all([journal.keep({ epoch: epochOf(3) }), journal.keep({ destructiveStep: 'rewind r1' })]);
  expect((await openJournal(folder)).facts()).toMatchObject({ epoch: 3, destructiveStep: 'rewind r1', selfFencedAt: null });
});

it('survives a kill -9 at any moment: it is whole, and has what it said it had kept', async () => {
  const program = `
    const { openJournal } = await import(${JSON.stringify(join(import.meta.dirname, '../../agent/file-journal.ts'))});
    const journal = await openJournal(${JSON.stringify(folder)});
    for (let epoch = 1; ; epoch += 1) { await journal.keep({ epoch }); process.stdout.write(epoch + '\\n'); }`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const text of child.stdout.setEncoding('utf8')) {
    said += text;
    if (said.split('\n').length > 20) child.kill('SIGKILL');
  }
  const last = Number(said.trim().split('\n').at(-1));
  expect((await openJournal(folder)).facts().epoch).toBeGreaterThanOrEqual(last);
});

it('is not taken for empty when it cannot be read', async () => {
  await writeFile(join(folder, 'journal.json'), '{"epoch": ');
  await expect(openJournal(folder)).rejects.toMatchObject({ code: 'node_failed' });
  expect(await readFile(join(folder, 'journal.json'), 'utf8')).toBe('{"epoch": ');
});
