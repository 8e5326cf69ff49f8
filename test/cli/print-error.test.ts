import { expect, it, vi } from 'vitest';

import { errorLines, printError } from '../../cli/print-error.ts';
import { OperationError } from '../../domain/errors.ts';
import { Secret } from '../../domain/secret.ts';
import { written } from './written.ts';

const COMMAND = { words: ['migrate', 'start', 'shop'], version: '1.2.3', json: false };
const PROBLEM = new OperationError('name_unknown', 'server "x" is not in the inventory', { detail: 'The inventory has the servers a, b.\nAnd no more.', hint: 'Did you mean a?' });

it('prints an error as psql does', () => {
  vi.stubEnv('NO_COLOR', '1');
  expect(errorLines({ code: 'name_unknown', message: PROBLEM.message, detail: PROBLEM.detail!, hint: PROBLEM.hint! })).toMatchInlineSnapshot(`
    "ERROR:  server "x" is not in the inventory
    DETAIL:  The inventory has the servers a, b.
      And no more.
    HINT:  Did you mean a?"
  `);
  vi.unstubAllEnvs();
});

it('prints the same as an object, and gives the exit code of the category', () => {
  const stdout = written(process.stdout);
  const code = printError(PROBLEM, { ...COMMAND, json: true });
  expect(JSON.parse(stdout())).toEqual({ error: { code: 'name_unknown', message: PROBLEM.message, detail: PROBLEM.detail, hint: PROBLEM.hint } });
  expect(code).toBe(3);
});

it('prints what a report of a fault needs, and no secret', () => {
  const fault = new TypeError(`cannot read postgres://me:hunter2@host/db with ${String(new Secret('hunter3'))}`);
  const stderr = written(process.stderr);
  const code = printError(fault, COMMAND);
  const text = stderr();
  expect(code).toBe(70);
  expect(text).toContain('pgconvoy 1.2.3, Node');
  expect(text).toContain('pgconvoy migrate start shop');
  expect(text).toContain('TypeError: cannot read postgres://me:***@host/db with ***');
  expect(text).toContain('print-error.test.ts');
  expect(text).not.toMatch(/hunter/);
});

it('puts up with a thrown value that is no error', () => {
  const stderr = written(process.stderr);
  printError('nothing', COMMAND);
  expect(stderr()).toContain('nothing');
});
