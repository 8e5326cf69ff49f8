import { expect, it } from 'vitest';

import { COMMANDS, type CommandRow } from '../../cli/commands.ts';
import { buildProgram } from '../../cli/program.ts';

const loaded: string[] = [];

/** A row whose module notes that it was loaded. */
const row = (name: string): CommandRow => ({
  name,
  summary: `does ${name}`,
  load: async () => {
    loaded.push(name);
    return { register: (program) => void program.command(name).description(`Does ${name}, at length.`).option('--fast', 'at once') };
  },
});

async function helpOf(words: readonly string[]): Promise<string> {
  let help = '';
  const program = await buildProgram(words, [row('walk'), row('run')]);
  program.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 100, getOutHasColors: () => false });
  for (const command of program.commands) command.copyInheritedSettings(program);
  await program.parseAsync([...words], { from: 'user' }).catch(() => undefined);
  return help.replaceAll(/ +$/gm, '');
}

it('lists the commands, gives examples and says what the exit status means, loading none', async () => {
  loaded.length = 0;
  expect(await helpOf(['--help'])).toMatchInlineSnapshot(`
    "Usage: pgconvoy [options] [command]

    Moves, saves, rewinds and fails over PostgreSQL databases as durable Temporal workflows.

    Options:
      --version           print the version
      --inventory <file>  the inventory (default: $PGCONVOY_INVENTORY, else ./pgconvoy.yaml)
      --json              print one JSON object instead of text
      -h, --help          print this help

    Commands:
      walk                does walk
      run                 does run
      help [command]      print the help of a command

    Examples:
      pgconvoy init                   write a sample pgconvoy.yaml
      pgconvoy config check           name every error in it, with its line
      pgconvoy audit log --limit 20   the last things that were done

    Exit status:
      0    done
      2    the command was called in a wrong way, or at a wrong moment
      3    the inventory, a secret or a setting is missing or wrong
      4    a server is not as the operation needs it; nothing was changed
      5    something failed on the source
      6    something failed on the target
      7    the object store failed
      8    what was compared is not equal
      9    a program, Temporal or the catalog is missing or does not answer
      70   a fault of pgconvoy itself; please report it
      130  interrupted, or aborted by an operator
    "
  `);
  expect(loaded).toEqual([]);
});

it('loads only the command whose help is asked for', async () => {
  loaded.length = 0;
  expect(await helpOf(['--inventory', 'walk', 'run', '--help'])).toMatchInlineSnapshot(`
    "Usage: pgconvoy run [options]

    Does run, at length.

    Options:
      --fast              at once
      -h, --help          print this help

    Global Options:
      --version           print the version
      --inventory <file>  the inventory (default: $PGCONVOY_INVENTORY, else ./pgconvoy.yaml)
      --json              print one JSON object instead of text
    "
  `);
  expect(await helpOf(['help', 'walk'])).toContain('Does walk, at length.');
  expect(loaded).toEqual(['run', 'walk']);
});

it.each(COMMANDS)('has a description of $name and of each command under it', async ({ name }) => {
  const program = await buildProgram([name]);
  const command = program.commands.find((candidate) => candidate.name() === name);
  expect(command?.description()).toMatch(/^[A-Z].*\.$/s);
  for (const below of command?.commands ?? []) expect(below.description(), below.name()).toMatch(/^[A-Z].*\.$/s);
});
