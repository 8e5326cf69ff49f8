import { join } from 'node:path';

import { type Browser, chromium, type Page } from 'playwright-core';
import { inject } from 'vitest';

import { chromiumProgram } from '../../scripts/setup/chromium.ts';
import { missing } from '../../programs/run-program.ts';
import { uniqueName } from './unique-name.ts';

/** A browser without a window, with a profile of its own. Error: `program_missing`. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = chromiumProgram();
  if (executablePath === undefined) throw missing('chromium');
  return await chromium.launch({ executablePath });
}

/** Keeps how the page looks in the folder of the test run, or, to be looked at afterwards, in the folder that `TEST_SCREENSHOTS` names. */
export async function keepLook(page: Page, name: string): Promise<void> {
  const kept = process.env['TEST_SCREENSHOTS'];
  await page.screenshot({ path: kept === undefined ? join(inject('runFolder'), `${uniqueName(name)}.png`) : join(kept, `${name}.png`) });
}
