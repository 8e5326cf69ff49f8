import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import { chromiumProgram } from '../../scripts/setup/chromium.ts';
import { keepLook, openBrowser, openListed, openPage } from '../support/browser.ts';
import { until } from '../support/bed-wait.ts';
import { migrationBed } from '../support/migration-bed.ts';

/** The run's page, as somebody gets there who knows the address of Temporal alone. */
async function openRun(page: Page, uiUrl: string, migration: string): Promise<void> {
  await openListed(page, `${uiUrl}/namespaces/default/workflows`, `migrate/${migration}`);
  await page.getByRole('link', { name: 'migrateDatabase' }).first().waitFor();
}

/** The table of phases, which the page draws in a frame of its own; waits until it says `expected`. */
async function readPhases(page: Page, expected: string): Promise<string[]> {
  await page.getByRole('tab', { name: 'User Metadata' }).click();
  const details = page.frameLocator('iframe#user-metadata-current-details');
  await details.getByText(expected).first().waitFor();
  return await details.locator('table tr').allInnerTexts();
}

/** Sends an update by the page's dialog; gives the orders that it offers, each with what it says of it. */
async function sendUpdate(page: Page, order: string, input: object): Promise<string[]> {
  await page.getByRole('button', { name: 'More Actions' }).click();
  await page.getByRole('menuitem', { name: 'Send an Update' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByTestId('update-select-button').click();
  // The page asks the worker for them when the list is opened.
  const wanted = dialog.getByRole('option', { name: order });
  await wanted.waitFor();
  const offered = await dialog.getByRole('option').allInnerTexts();
  await keepLook(page, 'update-dialog');
  await wanted.click();
  const editor = dialog.getByRole('textbox').last();
  await editor.click();
  // As pasted: typed brackets would be closed by the editor.
  await page.keyboard.insertText(JSON.stringify(input));
  await until('the editor to have it', async () => (await editor.innerText()).includes(JSON.stringify(input)), () => editor.innerText());
  await keepLook(page, 'update-filled-in');
  await dialog.getByRole('button', { name: 'Submit' }).click();
  await dialog.waitFor({ state: 'hidden' });
  return offered;
}

describe.skipIf(chromiumProgram() === undefined)("Temporal's web page", () => {
  it('shows where a migration stands, and takes the approval that lets it go on', async () => {
    await using bed = await migrationBed({ ui: true });
    await using migration = await bed.migration({ entry: { approval: 'required' } });
    await using _worker = await bed.startWorker();
    await migration.start();
    await migration.inState('waiting-for-approval');
    await using browser = await openBrowser();
    const page = await openPage(browser);

    await openRun(page, bed.temporal.uiUrl, migration.name);
    await keepLook(page, 'workflow-page');
    const waiting = await readPhases(page, 'waiting-for-approval');
    await keepLook(page, 'current-details');
    expect(waiting).toContainEqual(expect.stringMatching(/^✓\spreflight\s+[\d:]{8}\s/));
    expect(waiting).toContainEqual(expect.stringMatching(/^✓\scopy\s.*\d+ rows/));
    expect(waiting).toContainEqual(expect.stringMatching(/^▶\sapproval\s/));

    const offered = await sendUpdate(page, 'approve', { by: 'somebody at a browser' });
    expect(offered).toContainEqual(expect.stringMatching(/^approve\n.*\{"by": "your name"/));
    expect(offered).toContainEqual(expect.stringMatching(/^abort\n/));

    await migration.inState('completed');
    expect(await migration.result()).toMatchObject({ outcome: 'switched', proof: { state: 'equal' } });
    expect(await migration.isOpen()).toBe(false);
    await page.reload();
    expect(await readPhases(page, 'completed')).toContainEqual(expect.stringMatching(/^✓\sapproval\s.*by somebody at a browser/));
  });
});
