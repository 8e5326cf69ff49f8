import { chown } from 'node:fs/promises';
import { runProgram } from './run-program.ts';

/** An account of the operating system. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account a Postgres server of ours runs as. Postgres refuses to run as root, so root drops to `postgres`, or to
 * `nobody` where that does not exist; everybody else stays who they are (`undefined`).
 */
export async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return (await lookUp('postgres')) ?? (await lookUp('nobody'));
}

async function lookUp(name: string): Promise<Account | undefined> {
  const uid = await runProgram({ program: 'id', args: ['-u', name], answers: [1] });
  if (uid.exitCode !== 0) return undefined;
  const gid = await runProgram({ program: 'id', args: ['-g', name] });
  return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/** Gives a file or folder to the account; nothing to do without one. */
export async function giveTo(account: Account | undefined, path: string): Promise<void> {
  if (account) await chown(path, account.uid, account.gid);
}
