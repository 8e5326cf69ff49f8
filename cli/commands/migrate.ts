import { type Command, Option } from 'commander';

import type { MigrationOrder } from '../../client/migrations.ts';
import { giveOrder, type OrderOptions, ORDERS } from '../migration/orders.ts';
import { start } from '../migration/start.ts';
import { list, status } from '../migration/status.ts';
import { osUser } from '../os-user.ts';
import { wholeNumber } from '../whole-number.ts';

/** `pgconvoy migrate`: start a migration, look after it, steer it. */
export function register(program: Command): void {
  const migrate = program.command('migrate').description('Moves a database to another server while the application runs: starts migrations, shows them, steers them.');
  registerStart(migrate);
  migrate
    .command('status')
    .description('Shows where a migration stands, or all that are under way. With --watch until it has completed or waits for somebody; Ctrl-C ends the watching only.')
    .argument('[migration]', 'its name in the inventory')
    .option('--watch', 'show it live')
    .action(status);
  for (const order of Object.keys(ORDERS) as MigrationOrder[]) registerOrder(migrate, order);
  migrate
    .command('list')
    .description('Lists all migrations that were ever started, newest first.')
    .option('--limit <n>', 'how many', wholeNumber, 20)
    .action(list);
}

function registerStart(migrate: Command): void {
  migrate
    .command('start')
    .description('Starts a migration as the inventory describes it. With --wait shows it until it has completed or waits for somebody; Ctrl-C ends the watching only.')
    .argument('<migration>', 'its name in the inventory')
    .option('--wait', 'show it live')
    .option('--dry-run', 'print the plan and the preflight report, and start nothing')
    .addOption(new Option('--mode <mode>', 'instead of what the inventory says').choices(['online', 'offline']))
    .addOption(new Option('--approval <approval>', 'whether the cutover waits for approval').choices(['required', 'none']))
    .addOption(new Option('--commit <commit>', 'whether the end waits for a commit').choices(['required', 'automatic']))
    .addOption(new Option('--verify <depth>', 'hash every row on both sides, or count only').choices(['full', 'counts']))
    .option('--by <name>', 'who asks, for the audit', osUser())
    .action(start);
}

function registerOrder(migrate: Command, order: MigrationOrder): void {
  const { description, question } = ORDERS[order];
  const command = migrate
    .command(order)
    .description(description)
    .argument('<migration>', 'its name in the inventory')
    .option('--by <name>', 'who gives the order, for the audit', osUser())
    .option('--note <text>', 'why, for the audit')
    .action(async (migration: string, options: OrderOptions) => await giveOrder(order, migration, options, command));
  if (question !== undefined) command.option('--yes', 'do not ask first');
}
