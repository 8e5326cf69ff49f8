import { type Command, Option } from 'commander';

import { dumpSchemaOf, type SchemaDumpOptions } from '../schema/dump.ts';
import { osUser } from '../os-user.ts';

/** `pgconvoy schema`: the definitions of a database, without its rows. */
export function register(program: Command): void {
  const schema = program.command('schema').description('Works with the definitions of a database, without its rows.');
  schema
    .command('dump')
    .description(
      'Dumps the definitions of a database, with the newest pg_dump there is: to stdout, to a file, or by a worker to a store, where the dump is a workflow with audit. Changes nothing on the server.',
    )
    .argument('<server>', 'its name in the inventory')
    .requiredOption('--database <name>', 'the database')
    .option('--output <file>', 'where to (default: stdout)')
    .option('--store <name>', 'put it into this store of the inventory; `default` is the one of `pgconvoy up`')
    .addOption(new Option('--format <format>', 'plain: SQL; custom: for pg_restore (default: plain, to a store custom)').choices(['plain', 'custom']))
    .option('--no-owner', 'leave out who owns what')
    .option('--no-privileges', 'leave out GRANTs and default privileges')
    .option('--schemas <names>', 'only these schemas, separated by commas', (text: string) => text.split(',').map((name) => name.trim()).filter(Boolean))
    .option('--by <name>', 'who asks, for the audit', osUser())
    .action(async (server: string, options: SchemaDumpOptions, command: Command) => await dumpSchemaOf(server, options, command));
}
