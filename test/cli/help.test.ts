import { expect, it } from 'vitest';

import { buildProgram } from '../../cli/program.ts';

/** The help of a command, with the system's user replaced. */
async function helpOf(...words: readonly string[]): Promise<string> {
  let help = '';
  const program = await buildProgram(words);
  const tell = (command: typeof program): void => {
    command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 100, getOutHasColors: () => false });
    for (const below of command.commands) {
      below.copyInheritedSettings(command);
      tell(below);
    }
  };
  tell(program);
  await program.parseAsync([...words, '--help'], { from: 'user' }).catch(() => undefined);
  const own = help.replace(/\nGlobal Options:\n( .*\n)+/, '');
  return own.replaceAll(/ +$/gm, '').replaceAll(/\(default: "[^"]*"\)/g, (found) => (found.includes('control') ? found : '(default: you)'));
}

it('has the help of up, down, status and worker', async () => {
  expect(await helpOf('up')).toMatchInlineSnapshot(`
    "Usage: pgconvoy up [options]

    Starts what is not configured elsewhere, on loopback: a Temporal server, the catalog, an object
    store and a worker. What runs already is left alone. Waits until all of it is ready; exit status 9
    when a part did not start.

    Options:
      -h, --help          print this help
    "
  `);
  expect(await helpOf('down')).toMatchInlineSnapshot(`
    "Usage: pgconvoy down [options]

    Stops what \`pgconvoy up\` has started. The data stays, and runs under way go on after the next \`up\`.

    Options:
      --erase             remove the data too: the history of all runs, the catalog with the audit, the
                          embedded store
      --yes               do not ask before erasing
      -h, --help          print this help
    "
  `);
  expect(await helpOf('status')).toMatchInlineSnapshot(`
    "Usage: pgconvoy status [options]

    Shows every part with its state, address, process and version, the workers that take work, and the
    runs under way. Exit status 9 when a part is down.

    Options:
      -h, --help          print this help
    "
  `);
  expect(await helpOf('worker')).toMatchInlineSnapshot(`
    "Usage: pgconvoy worker [options]

    Runs a worker in the foreground until SIGTERM or Ctrl-C, which let the steps at work reach a resting
    place. Run as many as wanted, on as many hosts as wanted. Needs the inventory, the catalog and
    Temporal; an agent goes on while the catalog or Temporal is away, and its PostgreSQL server goes on
    without it.

    Options:
      --role <roles>      what it does: control (workflows, short steps), data (copying, index builds,
                          verification), node:<name> (the agent of a node of a cluster, on its host);
                          several separated by commas (default: "control,data")
      --data-slots <n>    data steps at once (default: twice the cores)
      -h, --help          print this help
    "
  `);
});

it('has the help of migrate', async () => {
  expect(await helpOf('migrate')).toMatchInlineSnapshot(`
    "Usage: pgconvoy migrate [options] [command]

    Moves a database to another server while the application runs: starts migrations, shows them, steers
    them.

    Options:
      -h, --help                     print this help

    Commands:
      start [options] <migration>    Starts a migration as the inventory describes it. With --wait shows
                                     it until it has completed or waits for somebody; Ctrl-C ends the
                                     watching only.
      status [options] [migration]   Shows where a migration stands, or all that are under way. With
                                     --watch until it has completed or waits for somebody; Ctrl-C ends
                                     the watching only.
      approve [options] <migration>  Lets the cutover of a migration begin, which waits for it.
      pause [options] <migration>    Lets a migration begin no further step; changes go on being
                                     followed.
      resume [options] <migration>   Lets a migration go on that was paused, or that was parked with a
                                     problem that is mended now.
      abort [options] <migration>    Ends a migration before its switch and leaves both servers as they
                                     were: all that it has copied is removed.
      commit [options] <migration>   Ends a migration after its switch: removes what it made on both
                                     servers. The way back ends with it.
      list [options]                 Lists all migrations that were ever started, newest first.
      help [command]                 print the help of a command
    "
  `);
  expect(await helpOf('migrate', 'start')).toMatchInlineSnapshot(`
    "Usage: pgconvoy migrate start [options] <migration>

    Starts a migration as the inventory describes it. With --wait shows it until it has completed or
    waits for somebody; Ctrl-C ends the watching only.

    Arguments:
      migration              its name in the inventory

    Options:
      --wait                 show it live
      --dry-run              print the plan and the preflight report, and start nothing
      --mode <mode>          instead of what the inventory says (choices: "online", "offline")
      --approval <approval>  whether the cutover waits for approval (choices: "required", "none")
      --commit <commit>      whether the end waits for a commit (choices: "required", "automatic")
      --verify <depth>       hash every row on both sides, or count only (choices: "full", "counts")
      --by <name>            who asks, for the audit (default: you)
      -h, --help             print this help
    "
  `);
  expect(await helpOf('migrate', 'status')).toMatchInlineSnapshot(`
    "Usage: pgconvoy migrate status [options] [migration]

    Shows where a migration stands, or all that are under way. With --watch until it has completed or
    waits for somebody; Ctrl-C ends the watching only.

    Arguments:
      migration           its name in the inventory

    Options:
      --watch             show it live
      -h, --help          print this help
    "
  `);
  expect(await helpOf('migrate', 'abort')).toMatchInlineSnapshot(`
    "Usage: pgconvoy migrate abort [options] <migration>

    Ends a migration before its switch and leaves both servers as they were: all that it has copied is
    removed.

    Arguments:
      migration           its name in the inventory

    Options:
      --by <name>         who gives the order, for the audit (default: you)
      --note <text>       why, for the audit
      --yes               do not ask first
      -h, --help          print this help
    "
  `);
});

it('has the help of schema dump', async () => {
  expect(await helpOf('schema', 'dump')).toMatchInlineSnapshot(`
    "Usage: pgconvoy schema dump [options] <server>

    Dumps the definitions of a database, with the newest pg_dump there is: to stdout, to a file, or by a
    worker to a store, where the dump is a workflow with audit. Changes nothing on the server.

    Arguments:
      server              its name in the inventory

    Options:
      --database <name>   the database
      --output <file>     where to (default: stdout)
      --store <name>      put it into this store of the inventory; \`default\` is the one of \`pgconvoy up\`
      --format <format>   plain: SQL; custom: for pg_restore (default: plain, to a store custom)
                          (choices: "plain", "custom")
      --no-owner          leave out who owns what
      --no-privileges     leave out GRANTs and default privileges
      --schemas <names>   only these schemas, separated by commas
      --by <name>         who asks, for the audit (default: you)
      -h, --help          print this help
    "
  `);
});

it('has the help of backup', async () => {
  expect(await helpOf('backup')).toMatchInlineSnapshot(`
    "Usage: pgconvoy backup [options] [command]

    Backs up databases as the policies of the inventory say, proves each backup by restoring it, and
    restores them.

    Options:
      -h, --help                   print this help

    Commands:
      run [options] <policy>       Runs a policy now: backs up its databases, proves the backups,
                                   removes what is not kept any more. With --wait shows it to its end;
                                   Ctrl-C ends the watching only.
      verify [options] [backup]    Proves a backup: restores it into a throwaway server, compares every
                                   row with what was dumped, removes the server. Exit status 8 when it
                                   is rejected.
      list [options]               Lists backups, newest first: all but those that were deleted.
      show [options] <backup>      Shows all that is known of a backup: state, size, key, proofs, hold,
                                   tables, and how to restore it by hand. Reads its manifest from the
                                   store and checks it. Needs no Temporal.
      report [options] [policy]    Says of every policy: the newest backup that was restored and
                                   compared, how old it is, how long a restore takes, against the
                                   objectives; how the nights went, and what is kept until when. Reads
                                   the catalog only.
      restore [options] [backup]   Restores a backup into a new database of any server. Everything is
                                   checked against its hash while it is written. Nothing that exists is
                                   overwritten.
      hold [options] <backup>      Keeps a backup whatever its policy says, until it is released.
      release [options] <backup>   Ends the hold of a backup: its policy decides again.
      check <policy>               Looks for what contradicts a policy: locks, archive tiers, lifecycle
                                   rules and versions of its store, clock changes, proofs and keys that
                                   are missing. Changes nothing; exit status 4 when something blocks.
      expire [options] <policy>    Removes the backups that a policy does not keep any more, as every
                                   night does after its backup. With --dry-run says of every backup
                                   which rule keeps it or lets it go, and removes nothing.
      inventory [options] [store]  Compares a store with the catalog, both ways: sizes and manifests of
                                   what the catalog has, and what it does not know. A backup that is not
                                   all there does not count any more.
      keygen [options]             Makes a key that seals and signs backups: 32 random bytes in base64,
                                   to stdout or into a new file. Refer to it under \`keys\` of the
                                   inventory.
      help [command]               print the help of a command
    "
  `);
  expect(await helpOf('backup', 'run')).toMatchInlineSnapshot(`
    "Usage: pgconvoy backup run [options] <policy>

    Runs a policy now: backs up its databases, proves the backups, removes what is not kept any more.
    With --wait shows it to its end; Ctrl-C ends the watching only.

    Arguments:
      policy              its name in the inventory

    Options:
      --database <names>  only these of its databases, separated by commas
      --wait              show it to its end
      --by <name>         who asks, for the audit (default: you)
      -h, --help          print this help
    "
  `);
  expect(await helpOf('backup', 'restore')).toMatchInlineSnapshot(`
    "Usage: pgconvoy backup restore [options] [backup]

    Restores a backup into a new database of any server. Everything is checked against its hash while it
    is written. Nothing that exists is overwritten.

    Arguments:
      backup              its id; or --newest, which takes the newest proven one

    Options:
      --newest <policy>   instead of an id: the newest backup of this policy
      --of <database>     with --newest: the database that was backed up, when the policy has several
      --server <name>     where to: a server of the inventory
      --database <name>   the database to make
      --schemas <names>   only these schemas, separated by commas
      --tables <names>    only these tables (schema.table), separated by commas
      --no-owner          give everything to our role
      --no-privileges     leave out GRANTs and default privileges
      --create-roles      make roles that the server does not have, without a password
      --dry-run           say what would be restored and what stands in the way, and start nothing
      --no-wait           start it only
      --by <name>         who asks, for the audit (default: you)
      -h, --help          print this help
    "
  `);
});
