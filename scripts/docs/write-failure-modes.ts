import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { RULES } from '../../domain/preflight/rules.ts';
import { BACKUP_FAILURE_MODES } from './backup-failure-modes.ts';
import { FAILURE_MODES } from './failure-modes.ts';
import { type GeneratedPage, writePage } from './generated-page.ts';

const ROOT = join(import.meta.dirname, '../..');

const HEAD = 'Written by `node scripts/docs/write-failure-modes.ts` from the rules and from the titles of the tests. Where a row has no test, none is named after it.';
const BACKUP_HEAD = 'F numbers are of migrations, B numbers of backups.';

/** The page, from the rules' own numbers and from the titles of the tests. */
export function failureModesPage(): GeneratedPage {
  const rules = Object.values(RULES).flat();
  const tests = testsByMode();
  const rows = FAILURE_MODES.map((name, index) => {
    const mode = `F${index + 1}` as const;
    const seen = rules.filter(({ answers }) => answers.includes(mode)).map(({ id }) => `\`${id}\``);
    return `| ${mode} | ${name} | ${seen.join(', ')} | ${(tests.get(mode) ?? []).join(', ')} |`;
  });
  const text = ['# What can go wrong, and where it is met', '', `${HEAD} ${BACKUP_HEAD}`, '', '## Migrations', '', '| | what goes wrong | preflight rules | tests |', '| --- | --- | --- | --- |', ...rows, '', '## Backups', '', '| | what goes wrong | tests, or why there are none |', '| --- | --- | --- |', ...backupRows(tests), ''].join('\n');
  return { path: 'docs/failure-modes.md', text };
}

const backupRows = (tests: ReadonlyMap<string, readonly string[]>): string[] =>
  BACKUP_FAILURE_MODES.map(({ name, untested }, index) => `| B${index + 1} | ${name} | ${tests.get(`B${index + 1}`)?.join(', ') ?? untested ?? ''} |`);

/** The numbers of backups that are neither tested nor said to be untested. */
export function forgottenBackupModes(): string[] {
  const tests = testsByMode();
  return BACKUP_FAILURE_MODES.map(({ untested }, index) => (untested === undefined && !tests.has(`B${index + 1}`) ? `B${index + 1}` : '')).filter(Boolean);
}

/** The files with a test whose title begins with the number. */
function testsByMode(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of globSync(['test/**/*.test.ts', 'test/**/*-contract.ts'], { cwd: ROOT }).toSorted()) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const modes = new Set([...text.matchAll(/['"`]([FB]\d+(?:,? [FB]\d+)*)[ :]/g)].flatMap((match) => (match[1] ?? '').split(/,? /)));
    for (const mode of modes) found.set(mode, [...(found.get(mode) ?? []), `[${file.replace(/^test\//, '')}](../${file})`]);
  }
  return found;
}

if (import.meta.main) writePage(failureModesPage());
