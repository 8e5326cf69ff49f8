import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { readSetting } from '../config/settings.ts';
import { OperationError, exitCodeOf, reportOf } from '../domain/errors.ts';
import { installLogging } from './logging.ts';
import { ROLES, rolesOf } from './roles.ts';
import { runWorker } from './run-worker.ts';

/** The program behind `pgconvoy worker`: SIGTERM and Ctrl-C let the steps at work reach a resting place. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { role: { type: 'string', default: ROLES.join(',') }, inventory: { type: 'string' }, 'data-slots': { type: 'string' } } });
  const log = installLogging(readSetting('logLevel') ?? 'info');
  await runWorker({
    roles: rolesOf(values.role),
    inventory: values.inventory,
    dataSlots: slotsOf(values['data-slots']),
    log,
    onReady: (identity) => process.stderr.write(`worker ${identity} is ready\n`),
  });
}

function slotsOf(text: string | undefined): number {
  const slots = text === undefined ? Math.max(2, availableParallelism()) * 2 : Number(text);
  if (Number.isInteger(slots) && slots >= 1) return slots;
  throw new OperationError('usage', `"${text}" is not a number of slots`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const { code, message, detail, hint } = reportOf(error);
    process.stderr.write([`ERROR:  ${message}`, detail && `DETAIL:  ${detail}`, hint && `HINT:  ${hint}`].filter(Boolean).join('\n') + '\n');
    if (!(error instanceof OperationError) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exit(exitCodeOf(code));
  },
);
