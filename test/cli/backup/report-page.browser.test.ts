import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

import { expect, inject, it } from 'vitest';

import { reportPage } from '../../../cli/backup/report/page.ts';
import { keepLook, openBrowser, openPage } from '../../support/browser.ts';
import { uniqueName } from '../../support/unique-name.ts';
import { ninetyNights } from './ninety-nights.ts';

it.each(['light', 'dark'] as const)('is read in a browser, %s, without asking anybody for anything', async (colorScheme) => {
  const file = join(inject('runFolder'), `${uniqueName('report')}.html`);
  await writeFile(file, reportPage(ninetyNights()));
  await using browser = await openBrowser();
  const page = await openPage(browser, { colorScheme, viewport: { width: 1120, height: 900 } });
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(pathToFileURL(file).href);
  await keepLook(page, `backup-report-${colorScheme}`);
  expect(asked).toEqual([pathToFileURL(file).href]);
  expect(complaints).toEqual([]);
  expect(await page.getByRole('img', { name: /^Calendar of 90 nights/ }).count()).toBe(4);
  // Ink on paper: how bright each is, from 0 to 255.
  const colors = await page.evaluate<string[]>('[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]');
  const [ink = 0, paper = 0] = colors.map((color) => (color.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3);
  expect(colorScheme === 'dark' ? ink - paper : paper - ink).toBeGreaterThan(150);
  for (const width of [360, 720, 1120]) {
    await page.setViewportSize({ width, height: 900 });
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), `overflow at ${width}`).toBeLessThanOrEqual(0);
  }
});
