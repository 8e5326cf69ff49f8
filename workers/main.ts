import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { readSetting } from '../config/settings.ts';
import { OperationError, exitCodeOf, reportOf } from '../domain/errors.ts';
import { installLogging } from './logging.ts';
import { type Role, ROLES, runWorker } from './run-worker.ts';

/** The program behind `pgconvoy worker`: SIGTERM and Ctrl-C let the steps at work reach a resting place. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { role: { type: 'string', default: ROLES.join(',') }, inventory: { type: 'string' }, 'data-slots': { type: 'string' } } });
  installLogging(readSetting('logLevel') ?? 'info');
  await runWorker({
    roles: rolesOf(values.role),
    inventory: values.inventory,
    dataSlots: slotsOf(values['data-slots']),
    onReady: (identity) => process.stderr.write(`worker ${identity} is ready\n`),
  });
}

function rolesOf(text: string): Role[] {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !(ROLES as readonly string[]).includes(name));
  if (wrong !== undefined) throw new OperationError('usage', `there is no worker role "${wrong}"`, { hint: `The roles are: ${ROLES.join(', ')}.` });
  return names as Role[];
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
