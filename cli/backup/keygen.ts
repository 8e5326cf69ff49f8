import { writeFile } from 'node:fs/promises';

import type { Command } from 'commander';

import { OperationError } from '../../domain/errors.ts';
import { newBackupKey, openBackupKey } from '../../storage/archive/key.ts';
import { couldNotWrite } from '../could-not-write.ts';
import { globalOptions, printResult } from '../output.ts';

/** Makes a key: to stdout alone, so that it can be piped, or into a new file that only its owner reads. */
export async function keygen({ output }: { output?: string }, command: Command): Promise<void> {
  const key = newBackupKey();
  const { keyId } = openBackupKey(key);
  if (output === undefined) {
    if (globalOptions(command).json === true) throw new OperationError('usage', '--json needs --output', { detail: 'Without it the key itself goes to stdout.' });
    process.stdout.write(`${key.reveal()}\n`);
    process.stderr.write(`NOTE:  its id is ${keyId}. Keep a copy away from the backups: without it they are lost.\n`);
    return;
  }
  await writeFile(output, `${key.reveal()}\n`, { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
    throw couldNotWrite(output, error);
  });
  printResult(command, { output, keyId }, () => `Wrote ${output}, which only you can read; its id is ${keyId}.\nKeep a copy away from the backups: without it they are lost.`);
}
