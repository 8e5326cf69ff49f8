import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { connectByRoute } from './connect-by-route.ts';
import { LedgerFile } from './ledger-file.ts';
import { readStock } from './rental-transaction.ts';
import type { WriteRecord } from './write-record.ts';
import { nowMs, runWriter } from './writer.ts';
import { summarise } from './writers-summary.ts';

/**
 * node scripts/demo/writers/writers.ts --route <file> --ledger <file> --summary <file> [--writers 8] [--rate 400] [--user shop_app]
 *
 * The application: a process of its own, so that nothing the migration does can slow its clock. Stops on SIGTERM, on
 * the message `stop`, and when the process that started it is gone. The password comes in PGPASSWORD.
 */
const { values } = parseArgs({
  options: {
    route: { type: 'string' },
    ledger: { type: 'string' },
    summary: { type: 'string' },
    writers: { type: 'string', default: '8' },
    rate: { type: 'string', default: '400' },
    user: { type: 'string', default: 'shop_app' },
  },
});
const { route, ledger: ledgerPath, summary: summaryPath } = values;
if (route === undefined || ledgerPath === undefined || summaryPath === undefined) throw new RangeError('--route, --ledger and --summary are needed');
const writers = Number(values.writers);

const stop = new AbortController();
let endMs = 0;
const stopOnce = (): void => {
  if (!stop.signal.aborted) endMs = nowMs();
  stop.abort();
};
process.on('SIGTERM', stopOnce);
process.on('message', (message) => message === 'stop' && stopOnce());
process.on('disconnect', stopOnce);
// Ctrl-C reaches the whole process group; who started us decides when we stop.
process.on('SIGINT', () => undefined);

const login = { routeFile: route, user: values.user, password: process.env['PGPASSWORD'] };
const first = await connectByRoute(login);
const stock = await readStock(first.client);
await first.client.end();

const records: WriteRecord[] = [];
const connectFailures: string[] = [];
const progress = setInterval(() => process.send?.({ transactions: records.length }), 250).unref();
{
  await using ledger = await LedgerFile.open(ledgerPath);
  const lives = Array.from({ length: writers }, (_, writer) =>
    runWriter({
      writer,
      login,
      stock,
      ledger,
      intervalMs: (1000 * writers) / Number(values.rate),
      stopping: stop.signal,
      onRecord: (record) => records.push(record),
      onConnectFailure: (sqlstate) => connectFailures.push(sqlstate),
    }),
  );
  await Promise.all(lives);
}
clearInterval(progress);
await writeFile(summaryPath, `${JSON.stringify(summarise({ writers, records, connectFailures, endMs }))}\n`);
process.disconnect?.();
