/** Something that set-up could not install: what, why it is needed, and the command with which a person installs it. */
export class SetupProblem extends Error {
  override readonly name = 'SetupProblem';
  readonly neededFor: string;
  readonly command: string;

  constructor(missing: string, neededFor: string, command: string, cause?: unknown) {
    super(missing, { cause });
    this.neededFor = neededFor;
    this.command = command;
  }
}

/** For programs that ended badly: what they said last. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const detail = 'detail' in error && typeof error.detail === 'string' ? `\n${error.detail}` : '';
  return error.message + detail;
}
