import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import type { Session } from '../../postgres/connection.ts';
import { quoteIdent } from '../../postgres/quoting.ts';

const FOLDER = join(import.meta.dirname, 'sql');
/** Begins a new transaction in a file. */
const NEXT = /^-- next transaction$/m;

export interface ZooWish {
  /** Without large objects, which no logical stream carries. */
  readonly largeObjects: boolean;
  /** Whether its roles have to be made: they belong to the server. */
  readonly roles: boolean;
}

export const ZOO_ROLES = ['zoo_owner', 'zoo_keeper', 'zoo Visitor', 'zoo_group'] as const;

/** What a migration of the zoo has to be told about tables without identity. */
export const ZOO_CHOICES = {
  'zoo.no_identity': 'full',
  'zoo.inserts_only': 'insert-only',
  'zoo.nothing_identity': 'insert-only',
  'zoo.no_columns*': 'insert-only',
  'zoo.only_generated_left': 'insert-only',
  'zoo.generated_only': 'insert-only',
} as const;

/**
 * Fills an empty database with one of everything a PostgreSQL of the session's major can hold. `x.from14.sql` is for 14 and
 * later and comes after `x.sql`. Makes roles, so the server has to be the test's own.
 */
export async function fillZoo(session: Session, wish: ZooWish): Promise<void> {
  for (const file of zooFiles(session.major)) {
    if ((!wish.largeObjects && file.startsWith('13-')) || (!wish.roles && file.startsWith('00-'))) continue;
    await runFile(session, join(FOLDER, file));
  }
  await session.execute("SET search_path = ''");
}

/** Files for a major, in the order in which they run. */
export const zooFiles = (major: number): string[] =>
  globSync('*.sql', { cwd: FOLDER })
    .filter((file) => major >= Number(/\.from(\d+)\.sql$/.exec(file)?.[1] ?? 0))
    .map((file) => basename(file))
    .toSorted((a, b) => placeOf(a).localeCompare(placeOf(b), 'en'));

/** `05-tables.sql` before `05-tables.from12.sql` before `06-names.sql`. */
const placeOf = (file: string): string => `${file.slice(0, 2)} ${/\.from(\d+)\.sql$/.exec(file)?.[1] ?? '00'}`;

/** Runs a file, each of its transactions for itself; `:database` is the session's database. */
export async function runFile(session: Session, path: string): Promise<void> {
  const text = (await readFile(path, 'utf8')).replaceAll(':database', quoteIdent(session.database));
  for (const part of text.split(NEXT)) {
    await session.execute(part).catch((error: unknown) => {
      throw new Error(`${basename(path)}: ${(error as { detail?: string }).detail ?? ''}`, { cause: error });
    });
  }
}

const CHANGES = join(import.meta.dirname, 'changes');

/** What the application does before and during the copy; works once. */
export async function changeZoo(session: Session): Promise<void> {
  for (const file of ['first.sql', 'first.from12.sql', 'first.from14.sql']) {
    if (session.major >= Number(/\.from(\d+)\./.exec(file)?.[1] ?? 0)) await runFile(session, join(CHANGES, file));
  }
}

/** Touches every row of every table. Can be repeated. */
export const touchEverything = (session: Session): Promise<void> => runFile(session, join(CHANGES, 'every-table.sql'));

/** What only a target that follows can meet, for example TRUNCATE. Works once. */
export const changeWhileFollowing = (session: Session): Promise<void> => runFile(session, join(CHANGES, 'while-following.sql'));
