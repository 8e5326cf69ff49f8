import type { ArchiveToc } from './archive-toc.ts';

/** Statements that pg_dump writes about the database as a whole, for a database of another name. */
export interface DatabaseStatements {
  readonly grants: readonly string[];
  /** Settings of everybody and of single roles, connection limit. In force for every new session. */
  readonly properties: readonly string[];
  readonly comment: string | null;
}

/**
 * What pg_restore leaves out unless it creates the database under its old name. The name stands in known places of statements
 * that a program wrote; only there it is replaced.
 */
export function databaseStatements({ database, entries }: ArchiveToc, newName: string): DatabaseStatements {
  const tags = [database, ...spellings(database).map((name) => `DATABASE ${name}`)];
  const about = entries.filter(({ schema, tag }) => schema === null && tags.includes(tag));
  const renamed = (kind: string): string[] => about.filter((entry) => entry.kind === kind).map(({ definition }) => rename(definition, database, newName));
  return { grants: renamed('ACL'), properties: renamed('DATABASE PROPERTIES'), comment: renamed('COMMENT')[0] ?? null };
}

const HEADS = String.raw`(?:ALTER DATABASE|ALTER ROLE (?:"(?:[^"]|"")+"|\w+) IN DATABASE|COMMENT ON DATABASE|(?:GRANT|REVOKE) [A-Z, ]+ ON DATABASE)`;

/** pg_dump leaves quotes away where it can. */
const spellings = (name: string): string[] => [`"${name.replaceAll('"', '""')}"`, name];

function rename(definition: string, from: string, to: string): string {
  const name = spellings(from).map(escapeForPattern).join('|');
  return definition.replaceAll(new RegExp(`^(${HEADS}) (?:${name}) `, 'gm'), (_, head: string) => `${head} ${to} `);
}

const escapeForPattern = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
