import { EXIT_CODES, type ErrorCategory } from '../domain/errors.ts';

/** What a script may conclude from each exit code. */
export const CATEGORY_SENTENCES: Readonly<Record<ErrorCategory, string>> = {
  usage: 'the command was called in a wrong way, or at a wrong moment',
  config: 'the inventory, a secret or a setting is missing or wrong',
  precondition: 'a server is not as the operation needs it; nothing was changed',
  source: 'something failed on the source',
  target: 'something failed on the target',
  storage: 'the object store failed',
  verification: 'what was compared is not equal',
  environment: 'a program, Temporal or the catalog is missing or does not answer',
  bug: 'a fault of pgconvoy itself; please report it',
  interrupted: 'interrupted, or aborted by an operator',
};

/** The EXIT STATUS part of the help. */
export function exitStatusText(): string {
  const lines = Object.entries(EXIT_CODES).map(([category, code]) => line(code, CATEGORY_SENTENCES[category as ErrorCategory]));
  return ['Exit status:', line(0, 'done'), ...lines].join('\n');
}

const line = (code: number, sentence: string): string => `  ${String(code).padEnd(5)}${sentence}`;
