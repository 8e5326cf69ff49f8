import { describe, expect, it } from 'vitest';

import { listBackups } from '../../catalog/backups.ts';
import { chromiumProgram } from '../../scripts/setup/chromium.ts';
import { runCommand } from '../cli/run-command.ts';
import { backupBed } from '../support/backup-bed.ts';
import { until } from '../support/bed-wait.ts';
import { keepLook, openBrowser, openListed, openPage } from '../support/browser.ts';

describe.skipIf(chromiumProgram() === undefined)("Temporal's page of a schedule", () => {
  it('makes a backup now when somebody triggers it there, and the backup is proven', async () => {
    await using bed = await backupBed({ ui: true });
    const shop = await bed.database();
    await bed.policy('shop-nightly', { databases: [shop], schedule: { cron: '30 3 * * *', timeZone: 'Europe/Berlin' } });
    const applied = await runCommand(['schedule', 'apply'], { env: bed.env });
    expect(applied).toMatchObject({ code: 0 });
    await using _worker = await bed.startWorker();
    await using browser = await openBrowser();
    const page = await openPage(browser);

    await openListed(page, `${bed.temporal.uiUrl}/namespaces/default/schedules`, 'backup/shop-nightly');
    await page.getByText('30 3 * * * in Europe/Berlin').first().waitFor();
    await keepLook(page, 'schedule-page');
    await page.getByRole('button', { name: /schedule actions|more/i }).click();
    await keepLook(page, 'schedule-menu');
    await page.getByRole('menuitem', { name: 'Trigger' }).click();
    await keepLook(page, 'schedule-dialog');
    await page.getByRole('dialog').getByRole('button', { name: 'Trigger' }).click();

    await until('a proven backup', async () => (await listBackups(bed.catalog, { policy: 'shop-nightly' })).some(({ state }) => state === 'proven'));
  });
});
