import { createInterface } from 'node:readline/promises';

import { OperationError } from '../domain/errors.ts';

export interface Question {
  /** Ends with a question mark. */
  readonly text: string;
  /** `--yes` was given. */
  readonly yes: boolean;
  /** For the error when nobody can be asked: what would be done. */
  readonly act: string;
}

/** Asks on the terminal before something is lost. Throws `usage` without a terminal, `interrupted` when the answer is not yes. */
export async function confirm({ text, yes, act }: Question): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new OperationError('usage', `to ${act} has to be confirmed`, { hint: 'Give `--yes` when nobody can be asked.' });
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${text} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new OperationError('interrupted', `did not ${act}`);
  } finally {
    terminal.close();
  }
}
