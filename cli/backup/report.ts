import { writeFile } from 'node:fs/promises';

import type { Command } from 'commander';

import { entryNamed } from '../../config/entry-named.ts';
import { findInventory } from '../../config/find-inventory.ts';
import { loadInventory } from '../../config/inventory.ts';
import { couldNotWrite } from '../could-not-write.ts';
import { withCatalog } from '../open-catalog.ts';
import { globalOptions, printResult } from '../output.ts';
import { wholeNumber } from '../whole-number.ts';
import { reportPage } from './report/page.ts';
import { readReport } from './report/read-report.ts';
import { reportText } from './report/report-text.ts';

interface ReportOptions {
  readonly html?: string;
  readonly days: number;
}

/** `pgconvoy backup report`: what a morning wants to know. */
export function registerReport(backup: Command): void {
  backup
    .command('report')
    .description('Says of every policy: the newest backup that was restored and compared, how old it is, how long a restore takes, against the objectives; how the nights went, and what is kept until when. Reads the catalog only.')
    .argument('[policy]', 'only this one')
    .option('--html <file>', 'write it as one page that needs nothing else')
    .option('--days <n>', 'how far back', wholeNumber, 90)
    .action(report);
}

async function report(policy: string | undefined, { html, days }: ReportOptions, command: Command): Promise<void> {
  const inventory = loadInventory(findInventory(globalOptions(command).inventory));
  if (policy !== undefined) entryNamed('backup policy', inventory.backups, policy);
  const found = await withCatalog(command, (catalog) => readReport(catalog, inventory, { policy, days }));
  if (html !== undefined) {
    await writeFile(html, reportPage(found)).catch((error: unknown) => {
      throw couldNotWrite(html, error);
    });
  }
  printResult(command, html === undefined ? found : { ...found, html }, () => [reportText(found), ...(html === undefined ? [] : ['', `Wrote ${html}`])].join('\n'));
}
