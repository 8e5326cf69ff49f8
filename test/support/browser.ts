import { join } from 'node:path';

import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { inject } from 'vitest';

import { chromiumProgram } from '../../scripts/setup/chromium.ts';
import { missing } from '../../programs/run-program.ts';
import { until } from './bed-wait.ts';
import { uniqueName } from './unique-name.ts';

/** Only ever reached by a test that has failed. */
const PATIENCE_MS = 120_000;
/** How long a page may take to draw what it has, before it is asked for anew. */
const DRAWN_MS = 10_000;

/** A browser without a window, with a profile of its own. Error: `program_missing`. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = chromiumProgram();
  if (executablePath === undefined) throw missing('chromium');
  return await chromium.launch({ executablePath });
}

export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 }, ...options });
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}

/** Opens a page of Temporal that lists things, and goes on to one of them: it is listed some moments after it was made, and the list does not renew itself. */
export async function openListed(page: Page, listUrl: string, name: string): Promise<void> {
  const link = page.getByRole('link', { name }).first();
  await until(`${name} on ${listUrl}`, async () => {
    await page.goto(listUrl);
    return await link.waitFor({ timeout: DRAWN_MS }).then(() => true, () => false);
  });
  await link.click();
}

/** Keeps how the page looks in the folder of the test run, or, to be looked at afterwards, in the folder that `TEST_SCREENSHOTS` names. */
export async function keepLook(page: Page, name: string): Promise<void> {
  const kept = process.env['TEST_SCREENSHOTS'];
  await page.screenshot({ path: kept === undefined ? join(inject('runFolder'), `${uniqueName(name)}.png`) : join(kept, `${name}.png`) });
}
