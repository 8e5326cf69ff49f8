import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'schema');

export interface SchemaMigration {
  readonly number: number;
  /** The file's name, for example `001-runs-and-gates.sql`. */
  readonly name: string;
}

/**
 * The numbered files of `catalog/schema/`, in order. To change the catalog, add the next number; a file that was ever
 * released is never edited. Names in them are qualified (`pgconvoy.run`), because our sessions have no search_path.
 */
export const SCHEMA_MIGRATIONS: readonly SchemaMigration[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.sql'))
  .toSorted()
  .map((name) => ({ number: Number.parseInt(name, 10), name }));

/** The SQL of a migration. */
export const readMigration = (migration: SchemaMigration): string => readFileSync(join(FOLDER, migration.name), 'utf8');
