import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { CLUSTER_FAILURE_MODES } from './cluster-failure-modes.ts';
import { CLUSTER_REQUIREMENTS } from './cluster-requirements.ts';
import { type GeneratedPage, writePage } from './generated-page.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What clusters are asked for and what goes wrong with them, each beside its command and its tests. */
export function clusterCoveragePage(): GeneratedPage {
  const tests = testsByNumber();
  const text = [
    '# Clusters: what is asked for, what can go wrong, and where it is met',
    '',
    'Written by `node scripts/docs/write-cluster-coverage.ts` from two lists and from the titles of the tests.',
    '',
    '## Failure modes',
    '',
    '| | what goes wrong | tests, or why there are none |',
    '| --- | --- | --- |',
    ...CLUSTER_FAILURE_MODES.map(({ name, untested }, index) => `| HA${index + 1} | ${name} | ${linked(tests.get(`HA${index + 1}`)) || (untested ?? '')} |`),
    '',
    '## Requirements',
    '',
    '| | what is asked for | command, setting, rule or page | tests, or why there are none |',
    '| --- | --- | --- | --- |',
    ...CLUSTER_REQUIREMENTS.map((requirement, index) => {
      const found = [...new Set([...requirement.tests, ...(tests.get(`R${index + 1}`) ?? [])])].toSorted();
      return `| R${index + 1} | ${requirement.wanted} | ${requirement.answer} | ${[linked(found), requirement.reason ?? ''].filter(Boolean).join('. ')} |`;
    }),
    '',
  ].join('\n');
  return { path: 'docs/cluster-coverage.md', text };
}

const linked = (files: readonly string[] | undefined): string => (files ?? []).map((file) => `[${file}](../test/${file})`).join(', ');

/** Numbers that have neither a test nor a reason, and tests that are named and not there. */
export function clusterCoverageGaps(): string[] {
  const tests = testsByNumber();
  return [
    ...CLUSTER_FAILURE_MODES.flatMap(({ untested }, index) => (untested === undefined && !tests.has(`HA${index + 1}`) ? [`HA${index + 1}`] : [])),
    ...CLUSTER_REQUIREMENTS.flatMap((requirement, index) => (requirement.reason === undefined && requirement.tests.length === 0 && !tests.has(`R${index + 1}`) ? [`R${index + 1}`] : [])),
    ...CLUSTER_REQUIREMENTS.flatMap((requirement) => requirement.tests.filter((file) => !existsSync(join(ROOT, 'test', file)))),
  ];
}

/** Files below `test/` with a test whose title begins with the number. */
function testsByNumber(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const path of globSync('test/**/*.test.ts', { cwd: ROOT }).toSorted()) {
    const numbers = [...readFileSync(join(ROOT, path), 'utf8').matchAll(/['"`]((?:HA|R)\d+(?:,? (?:and )?(?:HA|R)\d+)*)[ :,]/g)].flatMap((match) => (match[1] ?? '').match(/(?:HA|R)\d+/g) ?? []);
    for (const number of new Set(numbers)) found.set(number, [...(found.get(number) ?? []), path.replace(/^test\//, '')]);
  }
  return found;
}

if (import.meta.main) writePage(clusterCoveragePage());
