import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { pathOf } from '../../scripts/docs/generated-page.ts';
import { clusterCoverageGaps, clusterCoveragePage } from '../../scripts/docs/write-cluster-coverage.ts';
import { errorsPage } from '../../scripts/docs/write-errors.ts';
import { failureModesPage, forgottenBackupModes } from '../../scripts/docs/write-failure-modes.ts';
import { inventorySchemaPage } from '../../scripts/docs/write-inventory-schema.ts';
import { settingsPage } from '../../scripts/docs/write-settings.ts';

it.each([
  ['node scripts/docs/write-cluster-coverage.ts', clusterCoveragePage()],
  ['node scripts/docs/write-errors.ts', errorsPage()],
  ['node scripts/docs/write-failure-modes.ts', failureModesPage()],
  ['node scripts/docs/write-inventory-schema.ts', inventorySchemaPage()],
  ['node scripts/docs/write-settings.ts', settingsPage()],
])('a page is what `%s` writes', (_script, page) => {
  expect(readFileSync(pathOf(page), 'utf8')).toBe(page.text);
});

it('every failure mode of backups has a test, or a reason why there is none', () => {
  expect(forgottenBackupModes()).toEqual([]);
});

it('every failure mode and requirement of clusters has a test, or a reason why there is none', () => {
  expect(clusterCoverageGaps()).toEqual([]);
});
