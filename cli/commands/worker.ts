import type { Command } from 'commander';

import { findInventory } from '../../config/find-inventory.ts';
import { runForeground } from '../../programs/run-foreground.ts';
import { WORKER_PROGRAM } from '../../providers/embedded/worker-part.ts';
import { whenInterrupted } from '../interruption.ts';
import { globalOptions } from '../output.ts';
import { wholeNumber } from '../whole-number.ts';

/** `pgconvoy worker`: a worker of its own, for a service manager or a container. */
export function register(program: Command): void {
  program
    .command('worker')
    .description(
      'Runs a worker in the foreground until SIGTERM or Ctrl-C, which let the steps at work reach a resting place. Run as many as wanted, on as many hosts as wanted. Needs the inventory, the catalog and Temporal; an agent goes on while the catalog or Temporal is away, and its PostgreSQL server goes on without it.',
    )
    .option('--role <roles>', 'what it does: control (workflows, short steps), data (copying, index builds, verification), node:<name> (the agent of a node of a cluster, on its host); several separated by commas', 'control,data')
    .option('--data-slots <n>', 'data steps at once (default: twice the cores)', wholeNumber)
    .action(worker);
}

async function worker(options: { role: string; dataSlots?: number }, command: Command): Promise<void> {
  const inventory = findInventory(globalOptions(command).inventory);
  const slots = options.dataSlots === undefined ? [] : [`--data-slots=${options.dataSlots}`];
  const { ended, send } = runForeground({ ...WORKER_PROGRAM, args: [...WORKER_PROGRAM.args, `--role=${options.role}`, `--inventory=${inventory}`, ...slots] });
  using _ = whenInterrupted(() => {
    send('SIGINT');
    return undefined;
  });
  process.exitCode = await ended;
}
