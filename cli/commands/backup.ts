import type { Command } from 'commander';

import { registerCheck } from '../backup/check.ts';
import { registerExpire } from '../backup/expire.ts';
import { hold, release } from '../backup/hold.ts';
import { registerInventory } from '../backup/inventory.ts';
import { keygen } from '../backup/keygen.ts';
import { list } from '../backup/list.ts';
import { registerReport } from '../backup/report.ts';
import { restore } from '../backup/restore.ts';
import { runPolicy } from '../backup/run.ts';
import { show } from '../backup/show.ts';
import { verify } from '../backup/verify.ts';
import { osUser } from '../os-user.ts';
import { wholeNumber } from '../whole-number.ts';

/** `pgconvoy backup`: make, prove, look at, keep and restore backups. */
export function register(program: Command): void {
  const backup = program.command('backup').description('Backs up databases as the policies of the inventory say, proves each backup by restoring it, and restores them.');
  registerMaking(backup);
  registerLooking(backup);
  registerReport(backup);
  registerRestoring(backup);
  registerKeeping(backup);
  registerCheck(backup);
  registerExpire(backup);
  registerInventory(backup);
  backup
    .command('keygen')
    .description('Makes a key that seals and signs backups: 32 random bytes in base64, to stdout or into a new file. Refer to it under `keys` of the inventory.')
    .option('--output <file>', 'write it there, readable by you alone')
    .action(keygen);
}

const names = (text: string): string[] => text.split(',').map((name) => name.trim()).filter(Boolean);

function registerMaking(backup: Command): void {
  backup
    .command('run')
    .description('Runs a policy now: backs up its databases, proves the backups, removes what is not kept any more. With --wait shows it to its end; Ctrl-C ends the watching only.')
    .argument('<policy>', 'its name in the inventory')
    .option('--database <names>', 'only these of its databases, separated by commas', names)
    .option('--wait', 'show it to its end')
    .option('--by <name>', 'who asks, for the audit', osUser())
    .action(runPolicy);
  newestOptions(backup.command('verify'))
    .description('Proves a backup: restores it into a throwaway server, compares every row with what was dumped, removes the server. Exit status 8 when it is rejected.')
    .argument('[backup]', 'its id; or --newest')
    .option('--no-wait', 'start it only')
    .option('--by <name>', 'who asks, for the audit', osUser())
    .action(verify);
}

function registerLooking(backup: Command): void {
  backup
    .command('list')
    .description('Lists backups, newest first: all but those that were deleted.')
    .option('--policy <name>', 'only of this policy')
    .option('--database <name>', 'only of this database')
    .option('--proven', 'only those that were restored and compared')
    .option('--all', 'the deleted ones, too')
    .option('--limit <n>', 'how many', wholeNumber, 50)
    .action(list);
  backup
    .command('show')
    .description('Shows all that is known of a backup: state, size, key, proofs, hold, tables, and how to restore it by hand. Reads its manifest from the store and checks it. Needs no Temporal.')
    .argument('<backup>', 'its id')
    .option('--tables', 'all tables, not only the largest')
    .option('--files', 'the objects in the store, with their SHA-256')
    .action(show);
}

function registerRestoring(backup: Command): void {
  newestOptions(backup.command('restore'))
    .description('Restores a backup into a new database of any server. Everything is checked against its hash while it is written. Nothing that exists is overwritten.')
    .argument('[backup]', 'its id; or --newest, which takes the newest proven one')
    .requiredOption('--server <name>', 'where to: a server of the inventory')
    .requiredOption('--database <name>', 'the database to make')
    .option('--schemas <names>', 'only these schemas, separated by commas', names)
    .option('--tables <names>', 'only these tables (schema.table), separated by commas', names)
    .option('--no-owner', 'give everything to our role')
    .option('--no-privileges', 'leave out GRANTs and default privileges')
    .option('--create-roles', 'make roles that the server does not have, without a password')
    .option('--dry-run', 'say what would be restored and what stands in the way, and start nothing')
    .option('--no-wait', 'start it only')
    .option('--by <name>', 'who asks, for the audit', osUser())
    .action(restore);
}

function registerKeeping(backup: Command): void {
  for (const [name, description, action] of [
    ['hold', 'Keeps a backup whatever its policy says, until it is released.', hold],
    ['release', 'Ends the hold of a backup: its policy decides again.', release],
  ] as const) {
    backup.command(name).description(description).argument('<backup>', 'its id').requiredOption('--reason <text>', 'why, for the audit').option('--by <name>', 'who asks, for the audit', osUser()).action(action);
  }
}

const newestOptions = (command: Command): Command =>
  command.option('--newest <policy>', 'instead of an id: the newest backup of this policy').option('--of <database>', 'with --newest: the database that was backed up, when the policy has several');
