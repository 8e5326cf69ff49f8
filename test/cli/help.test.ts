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
    Temporal.

    Options:
      --role <roles>      what it does: control (workflows, short steps), data (copying, index builds,
                          verification) (default: "control,data")
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
