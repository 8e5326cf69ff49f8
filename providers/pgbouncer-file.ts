import { chmod, chown, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';

import { OperationError } from '../domain/errors.ts';
import { pointEntry } from '../domain/pgbouncer-config.ts';

export interface EntryGoal {
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

/** Points an entry of PgBouncer's configuration at the goal. Error: `route_failed`, and then the file is as it was. */
export async function rewriteEntry(configFile: string, entry: string, goal: EntryGoal): Promise<void> {
  try {
    const path = await realpath(configFile);
    const text = await readFile(path, 'utf8');
    const pointed = pointEntry(text, entry, goal);
    if (pointed === undefined) {
      throw new OperationError('route_failed', `file ${configFile} has no entry ${entry} under [databases]`, { hint: 'Add the line, then run `pgconvoy migrate resume`.' });
    }
    if (pointed !== text) await replace(path, pointed);
  } catch (error) {
    if (error instanceof OperationError) throw error;
    throw new OperationError('route_failed', `file ${configFile} could not be rewritten`, { detail: `${(error as Error).message}.`, hint: 'Let the worker read and write it, then run `pgconvoy migrate resume`.', cause: error });
  }
}

/**
 * Beside and renamed, so that no crash leaves half a file; with its owner and mode, since PgBouncer has to read it and it may
 * hold passwords. Where we may not do that we write into the file itself, which keeps both.
 */
async function replace(path: string, text: string): Promise<void> {
  const side = `${path}.pgconvoy`;
  const { uid, gid, mode } = await stat(path);
  try {
    await writeFile(side, text, { mode: 0o600 });
    await chown(side, uid, gid);
    await chmod(side, mode & 0o7777);
    await rename(side, path);
  } catch (error) {
    await rm(side, { force: true }).catch(() => undefined);
    if (!isRefused(error)) throw error;
    await writeFile(path, text);
  }
}

const isRefused = (error: unknown): boolean => error instanceof Error && 'code' in error && ['EACCES', 'EPERM', 'EROFS'].includes(String(error.code));
